#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace kd_lora {

/// Dropout with a generator of its own, so that what is left out is a function of a seed.
///
/// Math:   each number stays with probability 1 - rate, divided by that, or becomes zero
/// Repro:  masks are a function of the seed, the order of the calls, the device and the LibTorch
///         release; LibTorch's default generator is not used
class Dropout {
public:
    /// For tensors on this device.
    explicit Dropout(std::uint64_t seed, torch::Device device = torch::kCPU);

    /// A rate of 0 draws nothing. The rate is in [0, 1).
    torch::Tensor operator()(const torch::Tensor& input, double rate);

private:
    torch::Generator generator_;
};

/// `input` where there is no dropout.
inline torch::Tensor drop(Dropout* dropout, const torch::Tensor& input, double rate) {
    return dropout == nullptr ? input : (*dropout)(input, rate);
}

}  // namespace kd_lora
