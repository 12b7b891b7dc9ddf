#pragma once

#include <functional>

#include "federated/algorithm/roles.hpp"
#include "federated/model/weights.hpp"

namespace kd_lora {

/// What a client counts by in the average: a positive number.
using WeightOf = std::function<double(const federated::Participant& participant)>;

/// Told of each client's update, which is the round's weights minus the client's, as it comes in.
using UpdateObserver = std::function<void(const federated::Weights& update)>;

/// The server of FedAvg with weights: FedAvgClient's messages come up, and down goes a broadcast that it
/// follows.
///
/// Math:   w <- w - server_rate * sum_i n_i (w_before - w_after^(i)) / sum_i n_i
/// Cost:   the memory of one sum
/// Source: McMahan et al., AISTATS 2017
class WeightedAverageServer : public federated::ServerAlgorithm {
public:
    /// `like` has the shapes, types and device of what is tuned; its values are not read.
    WeightedAverageServer(federated::Weights like, WeightOf weight_of,
                          UpdateObserver on_update = {});

    void receive(const federated::Participant& participant, const federated::Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const federated::Round& round) override;

    /// The round's mean update, which ends it, too.
    federated::Weights close_mean();

private:
    federated::Weights like_;
    WeightOf weight_of_;
    UpdateObserver on_update_;
    federated::Weights sum_;  ///< empty: no client yet
    double weights_ = 0.0;
};

}  // namespace kd_lora
