#pragma once

#include <bit>
#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../rng/word_order.hpp"
#include "round_keys.cuh"

namespace ferret::cuda {

/// Elements whose signs one group of eight Philox calls holds.
inline constexpr unsigned signs_per_group = elements_per_group(SparseSign::parts_per_word);
/// The words of a group's eight calls.
inline constexpr unsigned words_per_group = 4 * counters_per_group;

/// Keeps the four words of call `call` of a group of a basis's signs, in the order of lanes and halves.
FERRET_DEVICE inline void store_sign_words(const RoundKeys& keys, std::uint32_t basis,
                                           std::uint32_t block, std::uint64_t group, unsigned call,
                                           std::uint32_t* words) {
    const std::uint64_t counter = group * counters_per_group + call;
    const PhiloxWords made = keys(low_word(counter), high_word(counter), basis, block);
    for (unsigned half = 0; half < 2; ++half)
        for (unsigned s = 0; s < 2; ++s)
            words[half * lanes + 2 * call + s] = made[2 * half + 1 - s];
}

/// Where the word with the sign of element `at` lies in the words of groups of signs, `at` counted
/// from the first of the groups. The sign is bit 31 - at / lanes % 32.
FERRET_DEVICE inline unsigned sign_word(unsigned at) {
    static_assert(signs_per_group == 2 * 32 * lanes && words_per_group == 2 * lanes);
    return ((at / 32) & ~unsigned{lanes - 1}) | (at & unsigned{lanes - 1});
}

/// The value with the sign of element `at`, counted from the first of the groups of `words`.
FERRET_DEVICE inline float with_sign(float value, const std::uint32_t* words, unsigned at) {
    const std::uint32_t sign = (words[sign_word(at)] << (at / lanes % 32)) & 0x80000000u;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign);
}

}  // namespace ferret::cuda
