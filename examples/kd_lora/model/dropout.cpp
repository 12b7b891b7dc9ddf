#include "kd_lora/model/dropout.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

namespace kd_lora {
namespace {

torch::Generator generator_on(torch::Device device, std::uint64_t seed) {
    if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>(seed);
    torch::Generator generator = at::globalContext().defaultGenerator(device).clone();
    generator.set_current_seed(seed);
    return generator;
}

}  // namespace

Dropout::Dropout(std::uint64_t seed, torch::Device device)
    : generator_(generator_on(device, seed)) {}

torch::Tensor Dropout::operator()(const torch::Tensor& input, double rate) {
    if (rate == 0.0) return input;
    const double keep = 1.0 - rate;
    torch::Tensor mask = torch::empty(input.sizes(), input.options().requires_grad(false));
    mask.bernoulli_(keep, generator_).div_(keep);
    return input * mask;
}

}  // namespace kd_lora
