#pragma once

#include <span>
#include <vector>

#include "fed_llm/data/example.hpp"
#include "fed_llm/data/federated_dataset.hpp"
#include "fed_llm/model/llama.hpp"
#include "federated/model/trainable_model.hpp"

namespace fed_llm {

/// All parameters of a LLaMA, and the loss on the clients' responses. The result shares `model`'s
/// tensors; `clients` outlive it.
federated::TrainableModel trainable(const Llama& model, std::span<const Client> clients);

}  // namespace fed_llm
