#pragma once

#include <array>
#include <cstddef>

#include "../../tensor/dtype.hpp"

namespace ferret::cpu {

/// By DType.
template <class T>
using ByDType = std::array<T, 4>;

template <class T>
constexpr T& of_dtype(ByDType<T>& table, DType dtype) {
    return table[static_cast<std::size_t>(dtype)];
}
template <class T>
constexpr const T& of_dtype(const ByDType<T>& table, DType dtype) {
    return table[static_cast<std::size_t>(dtype)];
}

}  // namespace ferret::cpu
