#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels.hpp"

namespace ferret::cpu {

/// Numbers that are rounded together: as many as a word of a plane has bits.
inline constexpr std::size_t plane_group = 32;

/// What rotation and rounding to few bits are made of.
/// Shapes: count: a power of two, at least plane_group
///         words: of Philox calls 0, 1, ..., as MakeWords makes them
///         planes: for each group a word of signs and words of its magnitudes' bits, the highest first
struct FewBitsKernels {
    /// sums that run over numbers have plane_group lanes, added like a tree at the end.
    using Pack = float(const float* values, std::size_t count, float deviation,
                       std::uint32_t* planes);
    using Unpack = void(const std::uint32_t* planes, std::size_t count, float* values);

    struct Rounding {
        /// Rounds to levels of a standard deviation. Returns the sum of |value| times its level
        Pack* pack;
        Unpack* unpack;  ///< values[i] = level i with its sign
    };

    MakeWords make_words;
    /// to[i] = factor * from[i], with the sign flipped where bit i is 1
    void (*flip_signs)(const float* from, float factor, const std::uint32_t* words,
                       std::size_t count, float* to);
    /// Math:   butterflies (a + b, a - b) of numbers `shortest` apart, then 2 `shortest`, ... up to
    ///         count / 2, each rounded to float. From 1 on that is Hadamard's matrix
    /// shortest: 1 or 16
    /// ahead: address of what is needed next, fetched into the cache on the way. Returns where it got to
    std::uintptr_t (*hadamard)(float* values, std::size_t count, std::size_t shortest,
                               std::uintptr_t ahead);
    /// flip_signs and then hadamard: a turn of the rotation
    std::uintptr_t (*turn)(const float* from, float factor, const std::uint32_t* words, float* to,
                           std::size_t count, std::size_t shortest, std::uintptr_t ahead);
    float (*largest_magnitude)(const float* values, std::size_t count);
    float (*sum_of_squares)(const float* values, std::size_t count);

    Rounding one_bit, two_bits, three_bits, four_bits, eight_bits;
};

/// 1 in lanes whose number has not the bit Distance, -1 in those that have it.
template <std::size_t Width, unsigned Distance>
inline constexpr std::array<float, Width> pair_signs = [] {
    std::array<float, Width> signs{};
    for (std::size_t i = 0; i < Width; ++i) signs[i] = (i & Distance) != 0 ? -1.0f : 1.0f;
    return signs;
}();

/// The lanes of a sum over groups, added as a tree.
inline float add_group_lanes(float* sums) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += sums[lane + lanes];
    return add_lanes(sums);
}

}  // namespace ferret::cpu
