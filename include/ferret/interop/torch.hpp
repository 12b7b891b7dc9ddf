#pragma once

// First: without it LibTorch 1.13's headers do not compile with clang++ in C++20.
#include <ATen/core/ivalue.h>

#include <torch/types.h>

#include <cstddef>
#include <string>

#include "../error.hpp"
#include "../tensor/device_tensor.hpp"
#include "../tensor/tensor.hpp"

namespace ferret {

namespace detail {

/// What makes a tensor's memory another thing than its values: sparse, quantized, ZeroTensor,
/// Negative, a wrapper of functorch's or Python's, or whatever LibTorch will yet have. Undefined for
/// an ordinary tensor.
inline c10::DispatchKey unusual_key(const torch::Tensor& tensor) {
    constexpr c10::DispatchKeySet usual =
        c10::DispatchKeySet(
            {c10::DispatchKey::Dense, c10::DispatchKey::Named, c10::DispatchKey::ADInplaceOrView}) |
        c10::autograd_dispatch_keyset | c10::autocast_dispatch_keyset;
    return (tensor.key_set() - usual).highestPriorityTypeId();
}

/// Throws: LayoutMismatch if the storage does not hold the tensor's elements, as that of a tensor
///         whose memory was freed until it is used again
inline void check_storage(const torch::Tensor& tensor) {
    if (tensor.numel() == 0) return;
    const auto end = static_cast<std::size_t>(tensor.storage_offset() + tensor.numel());
    const std::size_t needed = end * static_cast<std::size_t>(tensor.element_size());
    const std::size_t held =
        tensor.has_storage() && tensor.storage().data() != nullptr ? tensor.storage().nbytes() : 0;
    if (held < needed)
        throw LayoutMismatch("torch tensor: expected a storage of at least " +
                             std::to_string(needed) + " bytes, got " + std::to_string(held));
}

/// LibTorch 2 may share memory until a tensor is written, and asks which of the two will be done.
template <class Tensor>
const void* address_to_read(const Tensor& tensor) {
    if constexpr (requires { tensor.const_data_ptr(); })
        return tensor.const_data_ptr();
    else
        return tensor.data_ptr();
}

}  // namespace detail

/// The storage type of a tensor that ferret can read.
/// Throws: LayoutMismatch for another dtype, a non-contiguous tensor, or one whose memory is not its
///         values
inline DType torch_dtype(const torch::Tensor& tensor) {
    if (!tensor.defined())
        throw LayoutMismatch("torch tensor: expected a defined tensor, got an undefined one");
    if (const c10::DispatchKey key = detail::unusual_key(tensor);
        key != c10::DispatchKey::Undefined)
        throw LayoutMismatch(
            std::string("torch tensor: expected a dense tensor whose memory is its values, got ") +
            c10::toString(key));
    if (!tensor.is_contiguous())
        throw LayoutMismatch("torch tensor: expected a contiguous tensor, got strides " +
                             c10::str(tensor.strides()) + " of sizes " + c10::str(tensor.sizes()));
    switch (tensor.scalar_type()) {
        case torch::kFloat32:
            return DType::float32;
        case torch::kFloat64:
            return DType::float64;
        case torch::kBFloat16:
            return DType::bfloat16;
        case torch::kFloat16:
            return DType::float16;
        default:
            throw LayoutMismatch(
                std::string("torch tensor: expected float32, float64, bfloat16 or float16, got ") +
                c10::toString(tensor.scalar_type()));
    }
}

/// LibTorch tensors: dense, contiguous, of a floating type. Where they live is checked at run time.
/// Autograd records nothing of what ferret writes, but is told that it wrote, so that it notices
/// where it needs the old values.
/// Throws: LayoutMismatch for another dtype, a non-contiguous tensor, one whose memory is not there
///         or not its values, or one that the backend cannot reach
template <>
struct TensorAccess<torch::Tensor> {
    static constexpr MemorySpace space = MemorySpace::any;

    static TensorView view(const torch::Tensor& tensor) {
        const DType dtype = checked_dtype(tensor);
        return {detail::address_to_read(tensor), static_cast<std::size_t>(tensor.numel()), dtype};
    }
    static MutableTensorView mutable_view(const torch::Tensor& tensor) {
        const DType dtype = checked_dtype(tensor);
        // Inference tensors have no version.
        if (!tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
        return {tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()), dtype};
    }

private:
    static DType checked_dtype(const torch::Tensor& tensor) {
        const DType dtype = torch_dtype(tensor);
        if (!tensor.device().is_cpu())
            throw LayoutMismatch("torch tensor: expected CPU memory, got device " +
                                 tensor.device().str());
        detail::check_storage(tensor);
        return dtype;
    }
};

/// A tensor on a GPU, for sources that nvcc compiles and that know nothing of LibTorch.
/// Autograd is not told of what is written to it.
/// Throws: LayoutMismatch for another dtype, a non-contiguous tensor, one whose memory is not there
///         or not its values, or one that is not on a GPU
inline DeviceTensor device_tensor(const torch::Tensor& tensor) {
    const DType dtype = torch_dtype(tensor);
    if (!tensor.device().is_cuda())
        throw LayoutMismatch("torch tensor: expected a CUDA device, got " + tensor.device().str());
    detail::check_storage(tensor);
    return {tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()), dtype};
}

}  // namespace ferret
