#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

#include "fed_llm/data/federated_dataset.hpp"
#include "federated/algorithm/roles.hpp"
#include "federated/model/trainable_model.hpp"
#include "options.hpp"

namespace fed_round {

/// The one client that is timed: a model with random weights, examples of random tokens, and how it
/// trains.
struct Client {
    torch::Device device;
    std::vector<fed_llm::Client> data;  ///< its own
    federated::TrainableModel model;    ///< on that data
    double learning_rate;
    std::int64_t clients;  ///< whose messages, equal to this one's, are aggregated

    /// As the algorithms see it.
    federated::Participant participant() const { return {0, data.front().examples.size()}; }
    std::uint64_t parameter_count() const;
};

/// Throws: std::runtime_error for a GPU that is not there; what LibTorch throws for want of memory
Client make_client(const Options& options);

/// Draws the weights anew: matrices from N(0, 0.02^2), norm weights 1. On the model's device, which
/// takes seconds where the CPU would take minutes.
void draw_weights(federated::TrainableModel& model);

}  // namespace fed_round
