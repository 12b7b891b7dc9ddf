#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "by_dtype.hpp"

namespace ferret::cpu {

/// Elements of this type in a 64-bit lane.
template <class T>
inline constexpr std::size_t elements_per_lane = 8 / sizeof(T);

/// The keys of a tile of a model's fingerprint, in the order in which vectors of 64-bit lanes that hold
/// `parts` elements each need them: those of every lane's first element, then of every second, ...
template <std::size_t parts>
struct LaneKeys {
    static constexpr std::size_t size = 1024;

    // Of the lanes of `low` products take the low half, and of those of `high` too.
    alignas(64) std::array<std::array<std::uint64_t, size / parts>, parts> low;
    alignas(64) std::array<std::array<std::uint64_t, size / parts>, parts> high;

    explicit LaneKeys(std::span<const std::uint64_t, size> keys) {
        for (std::size_t j = 0; j < size; ++j) {
            low[j % parts][j / parts] = keys[j];
            high[j % parts][j / parts] = keys[j] >> 32;
        }
    }

    std::uint64_t operator[](std::size_t j) const { return low[j % parts][j / parts]; }
};

/// What a model's fingerprint is made of.
struct FingerprintKernels {
    /// The sum over elements of bits times key modulo 2^64, the first key being `first`.
    /// Shapes: keys: LaneKeys of the type's elements_per_lane
    using SumOfProducts = std::uint64_t(const void* elements, const void* keys, std::size_t first,
                                        std::size_t count);
    ByDType<SumOfProducts*> sum_of_products;
};

}  // namespace ferret::cpu
