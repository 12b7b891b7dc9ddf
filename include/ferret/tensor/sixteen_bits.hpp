#pragma once

#ifdef __CUDACC__
#include <cuda_fp16.h>
#endif

#include <bit>
#include <cstdint>

#include "../host_device.hpp"

namespace ferret {

/// The upper half of a float, as models store it. Arithmetic is done in float.
/// Math:   writing rounds to nearest even; every nan becomes the quiet one, 0x7FC0
/// Repro:  the bits that the kernels write
class bfloat16 {
public:
    bfloat16() = default;
    FERRET_HOST_DEVICE explicit constexpr bfloat16(float value) {
        const auto word = std::bit_cast<std::uint32_t>(value);
        bits_ = value != value
                    ? std::uint16_t{0x7FC0}
                    : static_cast<std::uint16_t>((word + 0x7FFFu + ((word >> 16) & 1u)) >> 16);
    }
    FERRET_HOST_DEVICE constexpr operator float() const {
        return std::bit_cast<float>(std::uint32_t{bits_} << 16);
    }

private:
    std::uint16_t bits_ = 0;
};

/// IEEE's binary16, as models store it. Arithmetic is done in float.
/// Math:   writing rounds to nearest even; numbers from 65520 on become infinite
/// Repro:  the bits that the kernels write, but for nans
class half {
public:
    half() = default;
    FERRET_HOST_DEVICE explicit half(float value) : bits_(from(value)) {}
    FERRET_HOST_DEVICE operator float() const {
#ifdef __CUDA_ARCH__
        return __half2float(__ushort_as_half(bits_));
#else
        const std::uint32_t sign = std::uint32_t{bits_ & 0x8000u} << 16;
        const std::uint32_t magnitude = bits_ & 0x7FFFu;
        if (magnitude < 0x0400u)  // subnormal: a multiple of the smallest
            return std::bit_cast<float>(
                sign | std::bit_cast<std::uint32_t>(static_cast<float>(magnitude) * 0x1p-24f));
        if (magnitude < 0x7C00u)
            return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
        const std::uint32_t quiet = magnitude > 0x7C00u ? 0x00400000u : 0;
        return std::bit_cast<float>(sign | quiet | (magnitude << 13) | 0x7F800000u);
#endif
    }

private:
    FERRET_HOST_DEVICE static std::uint16_t from(float value) {
#ifdef __CUDA_ARCH__
        return __half_as_ushort(__float2half_rn(value));
#else
        const auto word = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t sign = (word >> 16) & 0x8000u;
        const std::uint32_t magnitude = word & 0x7FFFFFFFu;
        std::uint32_t rounded = 0x7C00u;  // infinite
        if (magnitude > 0x7F800000u)
            rounded = 0x7E00u | ((magnitude >> 13) & 0x03FFu);  // nan
        else if (magnitude < 0x38800000u)                       // subnormal: to a multiple of 2^-24
            rounded = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) -
                      std::bit_cast<std::uint32_t>(0.5f);
        else if (magnitude < 0x477FF000u)
            rounded = (magnitude - (112u << 23) + 0x0FFFu + ((magnitude >> 13) & 1u)) >> 13;
        return static_cast<std::uint16_t>(sign | rounded);
#endif
    }

    std::uint16_t bits_ = 0;
};

}  // namespace ferret
