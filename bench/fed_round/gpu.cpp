#include "gpu.hpp"

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <torch/torch.h>

#include <stdexcept>

namespace fed_round {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

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
