#include "fed_llm/model/rotary.hpp"

#include <algorithm>
#include <tuple>

namespace fed_llm {

std::pair<torch::Tensor, torch::Tensor> RotaryTable::rows(std::int64_t first, std::int64_t length,
                                                          const torch::Tensor& like) {
    const std::int64_t end = first + length;
    if (has_own_frequencies(setting_, scaling_, end)) return compute(first, end, end, like);
    const std::int64_t held = cosines_.defined() ? cosines_.size(0) : 0;
    const bool fits = held >= end && cosines_.device() == like.device() &&
                      cosines_.scalar_type() == like.scalar_type();
    if (!fits) {
        // Doubling keeps token-by-token generation from rebuilding the table at every token.
        std::tie(cosines_, sines_) = compute(0, std::max(end, 2 * held), end, like);
    }
    return {cosines_.narrow(0, first, length), sines_.narrow(0, first, length)};
}

std::pair<torch::Tensor, torch::Tensor> RotaryTable::compute(std::int64_t first, std::int64_t end,
                                                             std::int64_t sequence,
                                                             const torch::Tensor& like) const {
    // A table made in inference mode could not serve a later training step.
    const c10::InferenceMode normal_mode(false);
    const RotaryFrequencies frequencies = rotary_frequencies(setting_, scaling_, sequence);
    const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(like.device());
    const torch::Tensor half = torch::outer(torch::arange(first, end, options),
                                            frequencies.per_position.to(like.device()));
    const torch::Tensor angles = torch::cat({half, half}, -1);
    const double factor = frequencies.attention_factor;
    return {(angles.cos() * factor).to(like.scalar_type()),
            (angles.sin() * factor).to(like.scalar_type())};
}

torch::Tensor rotate(const torch::Tensor& heads, const torch::Tensor& cosines,
                     const torch::Tensor& sines) {
    const auto halves = heads.chunk(2, -1);
    return heads * cosines + torch::cat({-halves[1], halves[0]}, -1) * sines;
}

}  // namespace fed_llm
