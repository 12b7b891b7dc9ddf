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

/// Calls visit with a null pointer of each storage type.
template <class Visit>
constexpr void for_each_storage_type(const Visit& visit) {
    visit(static_cast<float*>(nullptr));
    visit(static_cast<double*>(nullptr));
    visit(static_cast<bfloat16*>(nullptr));
    visit(static_cast<half*>(nullptr));
}

}  // namespace ferret::cpu
