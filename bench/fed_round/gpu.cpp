#include "gpu.hpp"

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <torch/torch.h>

#include <ferret/interop/torch.hpp>
#include <stdexcept>
#include <vector>

#include "device_projection.hpp"
#include "torch_scratch.hpp"

namespace fed_round {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

/// One for the whole run: no two threads use it.
TorchScratch& scratch() {
    static TorchScratch memory{
        torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(c10::cuda::current_device()))};
    return memory;
}

std::vector<ferret::DeviceTensor> device_tensors(const fed_llm::Weights& weights) {
    std::vector<ferret::DeviceTensor> tensors;
    for (const torch::Tensor& weight : weights) tensors.push_back(ferret::device_tensor(weight));
    return tensors;
}

}  // namespace

std::string gpu_name() {
    if (!torch::cuda::is_available()) {
        throw std::runtime_error("device: expected a GPU that LibTorch can use, found none");
    }
    cudaDeviceProp properties{};
    const cudaError_t error = cudaGetDeviceProperties(&properties, c10::cuda::current_device());
    if (error != cudaSuccess) {
        throw std::runtime_error(std::string("cuda: device properties: ") +
                                 cudaGetErrorString(error));
    }
    return properties.name;
}

ferret::Sketch project_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                              const ferret::BudgetRule& rule, const fed_llm::Weights& before,
                              const fed_llm::Weights& after, const ferret::Seed& seed) {
    return project_on_device(layout, basis, rule, device_tensors(before), device_tensors(after),
                             seed, scratch());
}

void reconstruct_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                        std::span<const ferret::Sketch> sketches, const fed_llm::Weights& model,
                        float scale) {
    reconstruct_on_device(layout, basis, sketches, device_tensors(model), scale, scratch());
}

std::int64_t peak_gpu_memory() {
    constexpr std::size_t of_all_pools = 0;  // StatType::AGGREGATE, whose namespace has moved
    return allocator::getDeviceStats(c10::cuda::current_device())
        .allocated_bytes[of_all_pools]
        .peak;
}

void reset_peak_gpu_memory() {
    allocator::resetPeakStats(c10::cuda::current_device());
}

void release_unused_gpu_memory() {
    allocator::emptyCache();
}

}  // namespace fed_round
