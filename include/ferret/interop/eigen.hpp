#pragma once

#ifdef __CUDACC__
// Eigen 3.4 marks defaulted functions, which nvcc 12 and later tell of.
#pragma nv_diagnostic push
#pragma nv_diag_suppress 20012
#endif
#include <Eigen/Core>
#ifdef __CUDACC__
#pragma nv_diagnostic pop
#endif

#include <cstddef>
#include <type_traits>

#include "../tensor/tensor.hpp"

namespace ferret {

template <>
struct DTypeOf<Eigen::bfloat16> : std::integral_constant<DType, DType::bfloat16> {};
template <>
struct DTypeOf<Eigen::half> : std::integral_constant<DType, DType::float16> {};

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
         !ContiguousRange<T>)  // those are tensors already
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
