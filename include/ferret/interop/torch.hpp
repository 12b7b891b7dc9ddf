#pragma once

// First: without it LibTorch 1.13's headers do not compile with clang++ in C++20.
#include <ATen/core/ivalue.h>

#include <torch/types.h>

#include <string>

#include "../error.hpp"
#include "../tensor/device_tensor.hpp"
#include "../tensor/tensor.hpp"

namespace ferret {

/// The storage type of a tensor that ferret can read.
/// Throws: LayoutMismatch for another dtype, a sparse or non-contiguous tensor
inline DType torch_dtype(const torch::Tensor& tensor) {
    if (!tensor.defined() || tensor.layout() != torch::kStrided || !tensor.is_contiguous())
        throw LayoutMismatch("torch tensor: expected a defined, dense, contiguous tensor");
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
/// Throws: LayoutMismatch for another dtype, a sparse or non-contiguous tensor, or one whose memory
///         the backend cannot reach
template <>
struct TensorAccess<torch::Tensor> {
    static constexpr MemorySpace space = MemorySpace::any;

    static TensorView view(const torch::Tensor& tensor) {
        const DType dtype = checked_dtype(tensor);
        return {tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()), dtype};
    }
    static MutableTensorView mutable_view(const torch::Tensor& tensor) {
        const DType dtype = checked_dtype(tensor);
        return {tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()), dtype};
    }

private:
    static DType checked_dtype(const torch::Tensor& tensor) {
        const DType dtype = torch_dtype(tensor);
        if (!tensor.device().is_cpu())
            throw LayoutMismatch("torch tensor: expected CPU memory, got device " +
                                 tensor.device().str());
        return dtype;
    }
};

/// A tensor on a GPU, for sources that nvcc compiles and that know nothing of LibTorch.
/// Throws: LayoutMismatch for another dtype, a sparse or non-contiguous tensor, or one that is not on
///         a GPU
inline DeviceTensor device_tensor(const torch::Tensor& tensor) {
    const DType dtype = torch_dtype(tensor);
    if (!tensor.device().is_cuda())
        throw LayoutMismatch("torch tensor: expected a CUDA device, got " + tensor.device().str());
    return {tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()), dtype};
}

}  // namespace ferret
