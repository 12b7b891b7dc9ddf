#include "model/rotary.hpp"

#include <algorithm>
#include <numbers>

namespace fed_llm {
namespace {

torch::Tensor scale_frequencies(const torch::Tensor& frequencies, const RopeScaling& scaling) {
    const torch::Tensor turns = static_cast<double>(scaling.original_max_position_embeddings) /
                                (2.0 * std::numbers::pi) * frequencies;
    const torch::Tensor kept =
        ((turns - scaling.low_freq_factor) / (scaling.high_freq_factor - scaling.low_freq_factor))
            .clamp(0.0, 1.0);
    return kept * frequencies + (1.0 - kept) * frequencies / scaling.factor;
}

}  // namespace

std::pair<torch::Tensor, torch::Tensor> RotaryTable::rows(std::int64_t first, std::int64_t length,
                                                          const torch::Tensor& like) {
    const std::int64_t held = cosines_.defined() ? cosines_.size(0) : 0;
    const bool fits = held >= first + length && cosines_.device() == like.device() &&
                      cosines_.scalar_type() == like.scalar_type();
    if (!fits) {
        // Doubling keeps token-by-token generation from rebuilding the table at every token.
        const std::int64_t rows = std::max(first + length, 2 * held);
        // A table made in inference mode could not serve a later training step.
        const c10::InferenceMode normal_mode(false);
        const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(like.device());
        const torch::Tensor exponents = torch::arange(0, head_dim_, 2, options) / head_dim_;
        torch::Tensor frequencies = torch::pow(theta_, exponents).reciprocal();
        if (scaling_) frequencies = scale_frequencies(frequencies, *scaling_);
        const torch::Tensor half = torch::outer(torch::arange(rows, options), frequencies);
        const torch::Tensor angles = torch::cat({half, half}, -1);
        cosines_ = angles.cos().to(like.scalar_type());
        sines_ = angles.sin().to(like.scalar_type());
    }
    return {cosines_.narrow(0, first, length), sines_.narrow(0, first, length)};
}

torch::Tensor rotate(const torch::Tensor& heads, const torch::Tensor& cosines,
                     const torch::Tensor& sines) {
    const auto halves = heads.chunk(2, -1);
    return heads * cosines + torch::cat({-halves[1], halves[0]}, -1) * sines;
}

}  // namespace fed_llm
