#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../host_device.hpp"
#include "sixteen_bits.hpp"

namespace ferret {

/// The storage types a tensor may have.
enum class DType : std::uint8_t { float32, float64, bfloat16, float16 };

/// The DType of a C++ type; specialised for foreign 16-bit types by the adapters in interop/.
template <class T>
struct DTypeOf {};
template <>
struct DTypeOf<float> : std::integral_constant<DType, DType::float32> {};
template <>
struct DTypeOf<double> : std::integral_constant<DType, DType::float64> {};
template <>
struct DTypeOf<bfloat16> : std::integral_constant<DType, DType::bfloat16> {};
template <>
struct DTypeOf<half> : std::integral_constant<DType, DType::float16> {};

/// A type that tensors may store.
template <class T>
concept Element = requires {
    DTypeOf<std::remove_cv_t<T>>::value;
};

/// An element's storage as an integer.
template <Element T>
FERRET_HOST_DEVICE std::uint64_t bits_of(const T& element) {
    using Bits =
        std::conditional_t<sizeof(T) == 8, std::uint64_t,
                           std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint16_t>>;
    static_assert(sizeof(T) == sizeof(Bits));
    Bits bits;
    std::memcpy(&bits, &element, sizeof bits);
    return bits;
}

/// Bytes of one element.
constexpr std::size_t size_of(DType dtype) {
    switch (dtype) {
        case DType::float64:
            return 8;
        case DType::float32:
            return 4;
        case DType::bfloat16:
        case DType::float16:
            return 2;
    }
    return 0;
}

/// Calls `visitor` with a null pointer of the C++ type that `dtype` stands for. constexpr, so that
/// device code may call it too.
template <class Visitor>
constexpr decltype(auto) visit_dtype(DType dtype, Visitor&& visitor) {
    switch (dtype) {
        case DType::float64:
            return visitor(static_cast<double*>(nullptr));
        case DType::bfloat16:
            return visitor(static_cast<bfloat16*>(nullptr));
        case DType::float16:
            return visitor(static_cast<half*>(nullptr));
        case DType::float32:
            break;
    }
    return visitor(static_cast<float*>(nullptr));
}

}  // namespace ferret
