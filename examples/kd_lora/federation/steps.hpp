#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "federated/algorithm/local_training.hpp"
#include "kd_lora/federation/batch_tensors.hpp"
#include "kd_lora/options/choices.hpp"

namespace kd_lora {

/// Tensors that are tuned at one rate.
struct RateGroup {
    std::vector<torch::Tensor> parameters;
    double rate = 0.0;
};

/// What take_steps tunes, and how.
struct Steps {
    std::vector<RateGroup> groups;
    AdamWKind optimizer = AdamWKind::transformers;
    bool decays = false;  ///< whether the rates go down to 0 over the steps, or stay
};

/// The loss of a batch, to differentiate: a scalar.
using BatchLoss = std::function<torch::Tensor(const BatchTensors& batch)>;

/// The mean cross entropy of the model's answers, `dropout` as in ForwardSettings.
torch::Tensor cross_entropy(const SequenceClassifier& model, const BatchTensors& batch,
                            Dropout* dropout);

/// Takes a step of a fresh AdamW on each batch, in their order. Stops at the first loss that is not finite.
///
/// Math: step i of n has the rate times 1 - i / n, i = 0, 1, ..., where rates decay
/// Cost: a forward and a backward pass a batch; two numbers of memory a weight, and the gradients, which
///       are given back at the end
federated::LocalResult take_steps(const Steps& steps, const ExampleSource& source,
                                  const BatchRows& batches, const BatchLoss& loss,
                                  const federated::StepObserver& on_step);

}  // namespace kd_lora
