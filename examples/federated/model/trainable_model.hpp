#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace federated {

/// Some of a client's examples, by their places in its data.
struct Batch {
    std::uint64_t client = 0;
    std::span<const std::size_t> examples;
};

/// What a federation needs of a model and its clients' data: tensors that can be tuned, and a loss.
/// Nothing here sees anything else of it, so that it works for any architecture and any data.
struct TrainableModel {
    std::vector<std::string> names;         ///< one a tensor, for messages
    std::vector<torch::Tensor> parameters;  ///< shared with the model, tuned in place
    /// The mean loss of the examples, all at once: a scalar to differentiate.
    std::function<torch::Tensor(const Batch&)> loss;
    /// The mean loss of any number of examples, without gradient.
    std::function<double(const Batch&)> mean_loss;
};

}  // namespace federated
