#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

#include "data/example.hpp"
#include "federation/trainable_model.hpp"
#include "options.hpp"

namespace fed_round {

/// The one client that is timed: a model with random weights, examples of random tokens, and how it
/// trains.
struct Client {
    torch::Device device;
    fed_llm::TrainableModel model;
    std::vector<fed_llm::Example> examples;
    double learning_rate;
    std::int64_t clients;  ///< whose messages, equal to this one's, are aggregated

    std::vector<std::size_t> tensor_sizes() const;
    std::uint64_t parameter_count() const;
};

/// Throws: std::runtime_error for a GPU that is not there; what LibTorch throws for want of memory
Client make_client(const Options& options);

/// Draws the weights anew: matrices from N(0, 0.02^2), norm weights 1. On the model's device, which
/// takes seconds where the CPU would take minutes.
void draw_weights(fed_llm::TrainableModel& model);

}  // namespace fed_round
