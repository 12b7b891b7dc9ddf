#pragma once

#include <cstddef>
#include <vector>

#include "federation/algorithm.hpp"
#include "support/doctest.hpp"

/// What crossed the network in a round.
struct RoundResult {
    std::vector<std::vector<std::byte>> messages;
    std::size_t bytes_down = 0;
};

/// One round with every client of the data set, none of which fails.
inline RoundResult play_round(fed_llm::Algorithm& algorithm,
                              const fed_llm::FederatedDataset& dataset,
                              const fed_llm::Round& round) {
    RoundResult result;
    for (std::uint64_t id = 0; id < dataset.clients.size(); ++id) {
        auto update = algorithm.client_update({id, dataset.clients[id]}, round, {});
        REQUIRE(update.failure == "");
        algorithm.receive(update.message);
        result.messages.push_back(std::move(update.message));
    }
    result.bytes_down = algorithm.aggregate(round);
    return result;
}
