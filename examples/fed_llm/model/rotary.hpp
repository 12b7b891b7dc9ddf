#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "fed_llm/model/rope_scaling.hpp"

namespace fed_llm {

/// Rotary position embedding, the rotate-half form of the Hugging Face checkpoints: entry i of a
/// head is paired with entry i + head_dim / 2. Source: Su et al., RoFormer, arXiv 2104.09864.
class RotaryTable {
public:
    explicit RotaryTable(RotarySetting setting, std::optional<RopeScaling> scaling = std::nullopt)
        : setting_(setting), scaling_(scaling) {}

    /// Cosines and sines of positions first..first+length-1 of a sequence that ends there, in the
    /// dtype and on the device of `like`. Shapes: [length, head_dim] each. Cost: the table is kept
    /// and grows to the largest position asked for; where a length has frequencies of its own
    /// (has_own_frequencies), its rows are computed at each call.
    std::pair<torch::Tensor, torch::Tensor> rows(std::int64_t first, std::int64_t length,
                                                 const torch::Tensor& like);

private:
    /// The rows of positions first..end-1 with the frequencies of a sequence of that many positions.
    std::pair<torch::Tensor, torch::Tensor> compute(std::int64_t first, std::int64_t end,
                                                    std::int64_t sequence,
                                                    const torch::Tensor& like) const;

    RotarySetting setting_;
    std::optional<RopeScaling> scaling_;
    torch::Tensor cosines_;
    torch::Tensor sines_;
};

/// Turns every head of every position by its angle.
/// Shapes: heads [batch, heads, length, head_dim], cosines and sines [length, head_dim].
torch::Tensor rotate(const torch::Tensor& heads, const torch::Tensor& cosines,
                     const torch::Tensor& sines);

}  // namespace fed_llm
