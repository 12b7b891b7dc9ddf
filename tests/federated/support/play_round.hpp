#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "federated/algorithm/roles.hpp"
#include "support/doctest.hpp"

/// An algorithm's roles, the client's standing for all clients and for the server's own model.
struct Roles {
    std::unique_ptr<federated::ClientAlgorithm> client;
    std::unique_ptr<federated::ServerAlgorithm> server;
    std::map<std::uint64_t, std::vector<std::byte>> kept = {};  ///< by the clients
};

/// What crossed the network in a round.
struct RoundResult {
    std::vector<std::vector<std::byte>> messages;
    std::vector<std::byte> broadcast;
};

/// A client of bigram_model.hpp.
inline federated::Participant participant(std::uint64_t id) {
    return {id, 5};
}

/// One round with the first `clients` clients, none of which fails.
inline RoundResult play_round(Roles& roles, std::size_t clients, const federated::Round& round) {
    RoundResult result;
    for (std::uint64_t id = 0; id < clients; ++id) {
        auto update = roles.client->train(participant(id), round, roles.kept[id], {});
        REQUIRE(update.failure == "");
        roles.server->receive(participant(id), round, update.message);
        roles.kept[id] = std::move(update.kept);
        result.messages.push_back(std::move(update.message));
    }
    result.broadcast = roles.server->close(round);
    roles.client->follow(round, result.broadcast);
    return result;
}
