#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <random>

namespace kd_lora {

/// Dropout with a generator of its own, so that what is left out is a function of a seed.
///
/// Math:   each number stays with probability p = 1 - rate, rounded to a multiple of 2^-16 above 0, and
///         is then divided by p; or it becomes zero
/// Cost:   16 random bits a number, drawn on the processor whatever the device
/// Repro:  masks are a function of the generator and the order and sizes of the calls, on every platform
///         and device
class Dropout {
public:
    explicit Dropout(std::uint64_t seed) : generator_(seed) {}
    explicit Dropout(const std::mt19937_64& generator) : generator_(generator) {}

    /// A rate of 0 draws nothing. The rate is in [0, 1).
    torch::Tensor operator()(const torch::Tensor& input, double rate);

private:
    std::mt19937_64 generator_;
};

/// `input` where there is no dropout.
inline torch::Tensor drop(Dropout* dropout, const torch::Tensor& input, double rate) {
    return dropout == nullptr ? input : (*dropout)(input, rate);
}

}  // namespace kd_lora
