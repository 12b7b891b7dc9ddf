#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>

#include "fed_llm/data/example.hpp"
#include "fed_llm/model/llama.hpp"

namespace fed_llm {

/// Each example's mean next-token cross entropy over its response, end-of-sequence token included.
/// Shapes: [batch.size()], float32.
/// Cost: the batch is padded on the right to its longest example; the head is applied to response
/// positions only.
/// Throws: std::invalid_argument for an empty batch, an example without prompt or response, one
/// longer than config.max_positions(), or a token outside the vocabulary.
torch::Tensor response_losses(Llama& model, std::span<const Example> batch);

/// The mean of response_losses(): every example counts the same, however long its response. A
/// scalar.
torch::Tensor response_loss(Llama& model, std::span<const Example> batch);

/// Tokens of a batch at most, where there is no backward pass.
inline constexpr std::int64_t most_batch_tokens = 4096;

/// The mean loss over any number of examples, without gradient, in batches of at most
/// `max_batch_tokens` tokens, padding included (one example at least).
/// Throws: as response_losses.
double mean_response_loss(Llama& model, std::span<const Example> examples,
                          std::int64_t max_batch_tokens = most_batch_tokens);

}  // namespace fed_llm
