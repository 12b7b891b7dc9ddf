#pragma once

#include <thrust/device_ptr.h>

#include <memory_resource>

#include "../../tensor/tensor.hpp"

/// Whether kernels run on a GPU, or on the processor by another of Thrust's device systems.
#define FERRET_ON_GPU (THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA)

#if FERRET_ON_GPU
#include <cuda_runtime.h>
#define FERRET_DEVICE __device__
#else
#define FERRET_DEVICE
#endif

#ifdef __CUDA_ARCH__
#define FERRET_UNROLL_LOOP _Pragma("unroll")
#define FERRET_LOOP_AS_IT_IS _Pragma("unroll 1")
#else
#define FERRET_UNROLL_LOOP
#define FERRET_LOOP_AS_IT_IS
#endif

namespace ferret {

/// A GPU as a backend.
///
/// Reconstruction is queued on the stream and returns; projection waits for the stream, as its
/// coordinates go to the host. Tensors must stay until the stream has come by.
struct Cuda {
    static constexpr MemorySpace space = MemorySpace::device;

#if FERRET_ON_GPU
    cudaStream_t stream = nullptr;
#endif
    /// Where scratch memory on the device comes from. Memory given back may be in use until the
    /// stream has come by, so a resource must serve one stream only. None: a pool of ferret's.
    std::pmr::memory_resource* scratch = nullptr;
};

}  // namespace ferret
