#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

#include "fed_llm/data/example.hpp"
#include "federated/model/trainable_model.hpp"
#include "options.hpp"

namespace fed_round {

/// The one client that is timed: a model with random weights, examples of random tokens, and how it
/// trains.
struct fed_llm::Client {
    torch::Device device;
    federated::TrainableModel model;
    std::vector<fed_llm::Example> examples;
    double learning_rate;
    std::int64_t clients;  ///< whose messages, equal to this one's, are aggregated

    std::vector<std::size_t> federated::tensor_sizes() const;
    std::uint64_t federated::parameter_count() const;
};

/// Throws: std::runtime_error for a GPU that is not there; what LibTorch throws for want of memory
fed_llm::Client make_client(const fed_llm::Options& options);

/// Draws the weights anew: matrices from N(0, 0.02^2), norm weights 1. On the model's device, which
/// takes seconds where the CPU would take minutes.
void draw_weights(federated::TrainableModel& model);

}  // namespace fed_round
