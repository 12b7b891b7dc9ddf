#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <ranges>
#include <type_traits>

#include "../tensor/tensor.hpp"

namespace ferret {
namespace detail {

template <class T>
inline constexpr bool is_contiguous_eigen = false;
template <class Scalar, int Rows, int Columns, int Options, int MaxRows, int MaxColumns>
inline constexpr bool
    is_contiguous_eigen<Eigen::Matrix<Scalar, Rows, Columns, Options, MaxRows, MaxColumns>> = true;
template <class Scalar, int Rows, int Columns, int Options, int MaxRows, int MaxColumns>
inline constexpr bool
    is_contiguous_eigen<Eigen::Array<Scalar, Rows, Columns, Options, MaxRows, MaxColumns>> = true;
template <class Plain, int Alignment>
inline constexpr bool is_contiguous_eigen<Eigen::Map<Plain, Alignment, Eigen::Stride<0, 0>>> = true;

}  // namespace detail

/// Eigen's matrices, vectors and arrays, and maps of them without strides, in their storage order.
/// Expressions, blocks and strided maps are no tensors: they do not compile.
template <class T>
requires(detail::is_contiguous_eigen<T>&& Element<typename T::Scalar> &&
         !std::ranges::contiguous_range<T>)  // those are tensors already
    struct TensorAccess<T> {
    static constexpr MemorySpace space = MemorySpace::host;
    static constexpr DType dtype = DTypeOf<typename T::Scalar>::value;

    static TensorView view(const T& tensor) {
        return {tensor.data(), static_cast<std::size_t>(tensor.size()), dtype};
    }
    static MutableTensorView mutable_view(T& tensor) requires(
        static_cast<bool>(T::Flags& Eigen::LvalueBit)) {
        return {tensor.data(), static_cast<std::size_t>(tensor.size()), dtype};
    }
};

}  // namespace ferret
