#pragma once

#include <cstddef>

#include "tensor.hpp"

namespace ferret {

/// A tensor in device memory, by its address: what C++ sources hand to those compiled by nvcc, and a
/// device span of any owner's memory. Does not own.
struct DeviceTensor {
    void* data;
    std::size_t size;
    DType dtype;
};

/// A view of `size` elements from `data` on in device memory.
template <Element T>
DeviceTensor device_tensor(T* data, std::size_t size) {
    return {data, size, DTypeOf<T>::value};
}

template <>
struct TensorAccess<DeviceTensor> {
    static constexpr MemorySpace space = MemorySpace::device;

    static TensorView view(const DeviceTensor& tensor) {
        return {tensor.data, tensor.size, tensor.dtype};
    }
    static MutableTensorView mutable_view(const DeviceTensor& tensor) {
        return {tensor.data, tensor.size, tensor.dtype};
    }
};

}  // namespace ferret
