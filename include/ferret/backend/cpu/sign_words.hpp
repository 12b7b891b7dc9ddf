#pragma once

#include <cstddef>
#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../rng/philox.hpp"
#include "../../rng/word_order.hpp"

namespace ferret::cpu {

inline constexpr std::size_t cache_line = 64;

/// Words of a group of Philox calls, in the order of the elements: 16 lanes of half 0, then of half 1.
inline constexpr std::size_t words_per_group = 2 * lanes;

/// The signs of a block's elements: words of SparseSign's basis 0, which the kernels make as they go and
/// keep from call to call, a group and the one after it. A half of a group has 16 words, in the order of
/// the lanes, of which its row r has bit 31 - r.
struct SignWords {
    static constexpr unsigned parts = SparseSign::parts_per_word;
    static constexpr std::size_t half_size = parts * lanes;
    static constexpr std::size_t group_size = 2 * half_size;

    PhiloxKey key;
    std::uint32_t block;
    std::uint64_t limit;      ///< none of the elements from here on will be asked for
    std::uint64_t begin = 0;  ///< of the group
    std::uint64_t end = 0;
    bool next_is_made = false;  ///< not where the next group is beyond the limit
    /// 16 that are no words, those of the group, and those of the next.
    alignas(cache_line) std::uint32_t words[lanes + 2 * words_per_group];

    SignWords(const SparseSign::Block& signs, std::uint64_t end_of_elements)
        : key(signs.key()), block(signs.block()), limit(end_of_elements) {
        for (std::size_t lane = 0; lane < lanes; ++lane) words[lane] = 0;
    }

    /// The words of the half with this element; those of the half before and after lie around them.
    const std::uint32_t* at(std::uint64_t element) const {
        return words + (1 + (element - begin) / half_size) * lanes;
    }
};

}  // namespace ferret::cpu
