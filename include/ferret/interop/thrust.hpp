#pragma once

#include <thrust/device_vector.h>

#include "../tensor/device_tensor.hpp"
#include "../tensor/tensor.hpp"

#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace ferret {

/// Vectors in device memory.
template <class T, class Allocator>
requires Element<T>
struct TensorAccess<thrust::device_vector<T, Allocator>> {
    static constexpr MemorySpace space = MemorySpace::device;

    static TensorView view(const thrust::device_vector<T, Allocator>& tensor) {
        return {thrust::raw_pointer_cast(tensor.data()), tensor.size(), DTypeOf<T>::value};
    }
    static MutableTensorView mutable_view(thrust::device_vector<T, Allocator>& tensor) {
        return {thrust::raw_pointer_cast(tensor.data()), tensor.size(), DTypeOf<T>::value};
    }
};

#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
template <>
struct DTypeOf<__nv_bfloat16> : std::integral_constant<DType, DType::bfloat16> {};
template <>
struct DTypeOf<__half> : std::integral_constant<DType, DType::float16> {};
#endif

}  // namespace ferret
