#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "federated/round/metric.hpp"

namespace federated {

/// One client's part in a round.
struct ClientRecord {
    std::string name;
    std::size_t bytes_up = 0;  ///< the size of the encoded message; 0 if it was left out
    double training_loss = 0.0;
    double training_seconds = 0.0;
    double projection_seconds = 0.0;
    std::string failure = {};  ///< why its update was left out; empty if it was not
};

/// What is measured in one round. Round 0 is the model before the first: it is only evaluated.
struct RoundRecord {
    std::int64_t round = 0;
    std::vector<Metric>
        metrics;  ///< of the model after the round; the first is what runs are told by
    double server_rate = 0.0;
    std::size_t bytes_down = 0;  ///< to each client, for it to have the round's model
    double aggregation_seconds = 0.0;
    double evaluation_seconds = 0.0;
    std::uint64_t bytes_between_processes = 0;  ///< 0 where there is one
    std::vector<ClientRecord> clients;
};

}  // namespace federated
