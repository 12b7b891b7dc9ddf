#include "federated/projection/gpu_projection.hpp"

#include <c10/cuda/CUDAFunctions.h>
#include <torch/torch.h>

#include <ferret/interop/torch.hpp>
#include <stdexcept>
#include <vector>

#include "federated/projection/device_projection.hpp"
#include "federated/projection/torch_scratch.hpp"

namespace federated {
namespace {

/// One for the whole run: no two threads use it.
TorchScratch& scratch() {
    static TorchScratch memory{
        torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(c10::cuda::current_device()))};
    return memory;
}

std::vector<ferret::DeviceTensor> device_tensors(const Weights& weights) {
    std::vector<ferret::DeviceTensor> tensors;
    for (const torch::Tensor& weight : weights) tensors.push_back(ferret::device_tensor(weight));
    return tensors;
}

}  // namespace

void expect_gpu() {
    if (!torch::cuda::is_available()) {
        throw std::runtime_error("device: expected a GPU that LibTorch can use, found none");
    }
}

ferret::Sketch project_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                              const ferret::BudgetRule& rule, const Weights& before,
                              const Weights& after, const ferret::Seed& seed) {
    return project_on_device(layout, basis, rule, device_tensors(before), device_tensors(after),
                             seed, scratch());
}

void reconstruct_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                        std::span<const ferret::Sketch> sketches, const Weights& model,
                        float scale) {
    reconstruct_on_device(layout, basis, sketches, device_tensors(model), scale, scratch());
}

void add_basis_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                      const ferret::Seed& seed, std::uint32_t k, const Weights& model,
                      float scale) {
    add_basis_on_device(layout, basis, seed, k, device_tensors(model), scale, scratch());
}

std::uint64_t model_fingerprint_on_gpu(const Weights& model) {
    return model_fingerprint_on_device(ferret::Layout::per_tensor(tensor_sizes(model)),
                                       device_tensors(model), scratch());
}

}  // namespace federated
