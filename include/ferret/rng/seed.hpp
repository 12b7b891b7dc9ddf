#pragma once

#include <compare>
#include <cstdint>

#include "philox.hpp"

namespace ferret {

/// What all random bases of one sketch are regenerated from.
///
/// Clients that share a seed share bases, so their sketches add. Fresh bases each round: let
/// `round` count. The same bases in every round: leave it at zero.
struct Seed {
    std::uint64_t value = 0;
    std::uint64_t round = 0;

    auto operator<=>(const Seed&) const = default;

    /// An independent seed of the same round, for instance one per client.
    /// Math:   value' = the first two words of Philox(counter = (stream, 0, 1), key = value)
    /// Repro:  the same everywhere; different streams give different values
    Seed derive(std::uint64_t stream) const {
        const PhiloxWords words = philox({low_word(stream), high_word(stream), 0, 1},
                                         {low_word(value), high_word(value)});
        return {join_words(words[0], words[1]), round};
    }
};

/// The Philox key of one sketch's bases.
/// Math:   the first two words of Philox(counter = (round, family id, 0), key = value)
inline PhiloxKey basis_key(const Seed& seed, std::uint32_t basis_id) {
    const PhiloxWords words = philox({low_word(seed.round), high_word(seed.round), basis_id, 0},
                                     {low_word(seed.value), high_word(seed.value)});
    return {words[0], words[1]};
}

/// The counter of one Philox call of a basis.
/// Math:   (call, low 32 bits; call, high bits; basis k; block l). What varies fastest sits in word
///         0 and the basis in word 2, so that kernels share most of the first two rounds.
constexpr PhiloxWords basis_counter(std::uint64_t call, std::uint32_t basis, std::uint32_t block) {
    return {low_word(call), high_word(call), basis, block};
}

}  // namespace ferret
