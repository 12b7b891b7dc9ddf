#pragma once

#include <array>
#include <cstddef>

#include "../host_device.hpp"

namespace ferret {

/// What numbers of a normal distribution are rounded to with so many bits: a sign, and one of these
/// magnitudes, in standard deviations.
/// Math:   up to 4 bits the levels of least squared error (Lloyd-Max): each is the mean of the numbers
///         that are rounded to it, each threshold the middle between two levels. With 8 bits
///         multiples of 1/32, which no search has to find, and whose error is twice the least
/// Source: Lloyd, Least squares quantization in PCM (1982); Max, Quantizing for minimum distortion (1960)
template <unsigned Bits>
struct NormalLevels;

template <>
struct NormalLevels<1> {
    static constexpr std::array<float, 1> levels{0.7978845608028654f};
    static constexpr std::array<float, 0> thresholds{};
};
template <>
struct NormalLevels<2> {
    static constexpr std::array<float, 2> levels{0.4527800346364921f, 1.510417608499096f};
    static constexpr std::array<float, 1> thresholds{0.9815988215677939f};
};
template <>
struct NormalLevels<3> {
    static constexpr std::array<float, 4> levels{0.24509417894422184f, 0.7560052812058781f,
                                                 1.3439092785050006f, 2.1519457045369874f};
    static constexpr std::array<float, 3> thresholds{0.50054973007505f, 1.0499572798554393f,
                                                     1.747927491520994f};
};
template <>
struct NormalLevels<4> {
    static constexpr std::array<float, 8> levels{
        0.12839502985114684f, 0.38804829949029207f, 0.656759118532465f, 0.9423404564869625f,
        1.256231197347178f,   1.6180463860218814f,  2.069017226531385f, 2.732589570995161f};
    static constexpr std::array<float, 7> thresholds{
        0.25822166467071933f, 0.5224037090113783f, 0.799549787509714f, 1.0992858269170702f,
        1.43713879168453f,    1.843531806276633f,  2.400803398763273f};
};

/// Of 8 bits: the step between two levels, and the largest multiple of it.
inline constexpr float eight_bit_step = 1.0f / 32.0f;
inline constexpr float eight_bit_largest = 127.0f;

}  // namespace ferret
