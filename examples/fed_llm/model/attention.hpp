#pragma once

#include <torch/torch.h>

namespace fed_llm {

/// softmax(Q K^T / sqrt(head_dim)) V, where query i sees the keys up to its own position; the
/// queries stand at the last positions of the keys. Each key/value head serves as many query heads
/// in a row as there are more of these. Shapes: queries [batch, heads, length, head_dim], keys and
/// values [batch, key_value_heads, positions, head_dim] with positions >= length -> as the queries.
/// Cost: LibTorch's fused attention from release 2 on; before, batch * heads * length * positions
/// numbers.
torch::Tensor causal_attention(const torch::Tensor& queries, const torch::Tensor& keys,
                               const torch::Tensor& values);

}  // namespace fed_llm
