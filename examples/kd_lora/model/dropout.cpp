#include "kd_lora/model/dropout.hpp"

#include <algorithm>
#include <cmath>

namespace kd_lora {
namespace {

constexpr int bits = 16;
constexpr std::uint64_t parts = std::uint64_t{1} << bits;

/// Ones, each where 16 bits of the generator are below `threshold`, and zeros.
torch::Tensor draw(torch::IntArrayRef sizes, std::uint64_t threshold, std::mt19937_64& generator) {
    torch::Tensor mask = torch::empty(sizes, torch::kUInt8);
    std::uint8_t* const kept = mask.data_ptr<std::uint8_t>();
    const std::int64_t count = mask.numel();
    constexpr std::int64_t in_word = 64 / bits;
    for (std::int64_t begin = 0; begin < count; begin += in_word) {
        std::uint64_t word = generator();
        const std::int64_t end = std::min(begin + in_word, count);
        for (std::int64_t i = begin; i < end; ++i, word >>= bits) {
            kept[i] = static_cast<std::uint8_t>(word % parts < threshold);
        }
    }
    return mask;
}

}  // namespace

torch::Tensor Dropout::operator()(const torch::Tensor& input, double rate) {
    if (rate == 0.0) return input;
    const double wanted = std::round((1.0 - rate) * static_cast<double>(parts));
    const auto threshold = static_cast<std::uint64_t>(std::max(1.0, wanted));
    const torch::Tensor mask = draw(input.sizes(), threshold, generator_);
    const double scale = static_cast<double>(parts) / static_cast<double>(threshold);
    // A byte a number goes to the device.
    return input * mask.to(input.device()).to(input.scalar_type()).mul_(scale);
}

}  // namespace kd_lora
