#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "../../basis/basis.hpp"
#include "../../rng/philox.hpp"
#include "../../tensor/dtype.hpp"
#include "by_dtype.hpp"
#include "sign_words.hpp"

/// What an instruction set does: tables of functions, which the loops over blocks, tiles and threads
/// call without knowing bases or storage types. Each of the headers in simd/ fills them.
namespace ferret::cpu {

/// The Philox calls of consecutive bases of one block.
struct WordSource {
    PhiloxKey key;
    std::uint32_t block;
    std::uint32_t basis;  ///< the first of them
};

/// Makes the words of groups of Philox calls.
/// Shapes: words: for each basis, one after the other, `groups` groups of words_per_group
///         first_call: a multiple of a group's; the groups cross no multiple of 2^32 calls
using MakeWords = void (*)(const WordSource& source, std::uint64_t first_call, std::size_t groups,
                           std::uint32_t* words);

/// Loops over words that were made, for the bases of a dense family.
/// Shapes: law: the family's Block; words: `groups` groups of each basis; values, update: the groups'
///         elements; lane_sums: 16 of each basis
struct DenseKernels {
    /// lane_sums[j] += values[i] * raw value i, for i = j, j + 16, ... in order
    using Dot = void(const void* law, const std::uint32_t* words, std::size_t groups,
                     const float* values, float* lane_sums);
    /// update[i] += coefficient * raw value i, for one basis after the other
    using Add = void(const void* law, const std::uint32_t* words, std::size_t groups,
                     const float* coefficients, float* update);

    Dot* dot;  ///< of Kernels::bases_at_once
    Add* add;
    Dot* dot_of_one;  ///< of one basis
    Add* add_of_one;
};

/// Consecutive elements of an update, where the model's memory has them: of `before`, or of before -
/// after, subtracted in float and never stored.
struct UpdateSource {
    const void* before;
    const void* after;  ///< null where `before` is the update itself
    DType dtype;        ///< of both, not float64

    UpdateSource from(std::size_t i) const {
        const auto skip = [bytes = i * size_of(dtype)](const void* values) {
            return values == nullptr ? nullptr : static_cast<const std::byte*>(values) + bytes;
        };
        return {skip(before), skip(after), dtype};
    }
};

/// Shapes: first: the block's element that lies first
///         ahead: how far after element i of what is in memory, `from` or else `to`, lies the one to
///         fetch into the cache
struct SparseKernels {
    /// sums[i] += sign of element `first + i` times from[i]. Up to 16 floats after the sums may be read
    /// and written, but keep their values, none of them -0.
    using AddToSums = void(SignWords& signs, std::uint64_t first, const UpdateSource& from,
                           std::size_t count, float* sums, std::int64_t ahead);
    /// to[i] += 0 + sign of element `first + i` times factors[i], rounded to the storage type
    using AddToStored = void(SignWords& signs, std::uint64_t first, const float* factors,
                             std::size_t count, void* to, std::int64_t ahead);

    /// Types that are read and written where they are; the others are converted, a tile at a time.
    ByDType<bool> in_place;
    ByDType<AddToSums*> add_values;       ///< of an update itself
    ByDType<AddToSums*> add_differences;  ///< of before - after
    ByDType<AddToStored*> add_to_stored;

    AddToSums* add_to_sums(const UpdateSource& from) const {
        return of_dtype(from.after == nullptr ? add_values : add_differences, from.dtype);
    }
};

/// Loops over tensors and tiles.
struct MemoryKernels {
    using Load = void(const UpdateSource& from, std::size_t count, float* out);
    using Add = void(void* stored, const float* update, std::size_t count);

    ByDType<bool> in_place;           ///< types that `load` reads
    ByDType<Load*> load_values;       ///< out[i] = from[i], of an update itself
    ByDType<Load*> load_differences;  ///< of before - after
    /// stored[i] += update[i], added in float, or in double for a double, and rounded once
    ByDType<Add*> add;
    /// totals[i] += values[i]
    void (*add_to_totals)(double* totals, const float* values, std::size_t count);
    /// Math:   the sum of squares in the order of a dense tile: 16 lanes, then a tree, in double
    double (*sum_of_squares)(const float* values, std::size_t count);

    Load* load(const UpdateSource& from) const {
        return of_dtype(from.after == nullptr ? load_values : load_differences, from.dtype);
    }
};

inline constexpr std::uint32_t most_bases_at_once = 4;

/// What projection and reconstruction are made of.
struct Kernels {
    std::uint32_t bases_at_once;  ///< at most most_bases_at_once
    MakeWords make_words;
    MakeWords make_words_of_one;
    std::array<DenseKernels, std::variant_size_v<Basis>> dense;  ///< by Basis::index()
    SparseKernels sparse;
    MemoryKernels memory;
};

/// stored + update, added in float, or in double for a double, and rounded to the storage type.
template <class Stored>
inline Stored sum(Stored stored, float update) {
    using Number = std::conditional_t<std::is_same_v<Stored, double>, double, float>;
    return static_cast<Stored>(static_cast<Number>(stored) + static_cast<Number>(update));
}

/// The lanes of a tile, added as a tree.
template <class Number>
inline Number add_lanes(Number* sums) {
    for (std::size_t width = lanes / 2; width > 0; width /= 2)
        for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
    return sums[0];
}

/// Elements that are fetched from memory before they are needed: the time one takes to arrive.
inline constexpr std::uint32_t prefetch_distance = 4096;

}  // namespace ferret::cpu
