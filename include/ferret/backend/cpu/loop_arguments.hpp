#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "../../rng/philox.hpp"
#include "../../rng/word_order.hpp"
#include "../../tensor/dtype.hpp"

namespace ferret::cpu {

/// Where a tile's random bits come from: the elements from first_element on of consecutive bases of
/// one block.
struct TileSource {
    PhiloxKey key;
    std::uint32_t block;
    std::uint32_t basis;          ///< the first of them
    std::uint64_t first_element;  ///< a multiple of the tile's size
};

/// Where the signs of a block's elements come from: basis 0 of SparseSign.
struct SignSource {
    PhiloxKey key;
    std::uint32_t block;
};

/// Floats to read from memory that stores them as T.
template <class T>
struct Values {
    const T* values;

    float operator[](std::size_t i) const { return static_cast<float>(values[i]); }
    Values from(std::size_t i) const { return {values + i}; }
};

/// before - after, subtracted in float and never stored.
template <class T>
struct Difference {
    const T* before;
    const T* after;

    float operator[](std::size_t i) const {
        return static_cast<float>(before[i]) - static_cast<float>(after[i]);
    }
    Difference from(std::size_t i) const { return {before + i, after + i}; }
};

/// Sums in float to add to.
struct Sums {
    float* values;

    void add(std::size_t i, float update) const { values[i] += update; }
    Sums from(std::size_t i) const { return {values + i}; }
};

/// stored + update, added in float, or in double for a double, and rounded to the storage type.
template <class Stored>
inline Stored sum(Stored stored, float update) {
    using Number = std::conditional_t<std::is_same_v<Stored, double>, double, float>;
    return static_cast<Stored>(static_cast<Number>(stored) + static_cast<Number>(update));
}

/// A model's elements, stored as T, to add an update to that is itself summed from zero.
template <class T>
struct Stored {
    T* values;

    void add(std::size_t i, float update) const { values[i] = sum(values[i], 0.0f + update); }
    Stored from(std::size_t i) const { return {values + i}; }
};

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

/// Elements that are fetched from memory before they are needed: the time one takes to arrive.
inline constexpr std::uint32_t prefetch_distance = 4096;

/// The lanes of a tile, added as a tree.
template <class Number>
inline Number add_lanes(std::array<Number, lanes>& sums) {
    for (std::size_t width = lanes / 2; width > 0; width /= 2)
        for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
    return sums[0];
}

inline constexpr std::size_t cache_line = 64;

}  // namespace ferret::cpu
