#pragma once

#include <torch/torch.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/example.hpp"
#include "model/llama.hpp"

namespace fed_llm {

/// What the federation needs of a model: tensors that can be tuned, and a loss.
/// The algorithms see nothing else of it, so that they work for any architecture.
struct TrainableModel {
    std::vector<std::string> names;         ///< one a tensor, for messages
    std::vector<torch::Tensor> parameters;  ///< shared with the model, tuned in place
    /// The mean loss of the examples, all in one batch: a scalar to differentiate.
    std::function<torch::Tensor(std::span<const Example>)> loss;
    /// The mean loss of any number of examples, without gradient.
    std::function<double(std::span<const Example>)> mean_loss;
};

/// All parameters of a LLaMA and the loss on its responses. The result shares `model`'s tensors.
TrainableModel trainable(const Llama& model);

}  // namespace fed_llm
