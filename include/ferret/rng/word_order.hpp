#pragma once

#include <cstdint>

namespace ferret {

/// Where the random bits of one element of a basis come from.
struct WordPosition {
    std::uint64_t counter;  ///< index of the Philox call within the basis
    unsigned half;          ///< which pair of its four words: 0 for words 0 and 1, 1 for 2 and 3
    unsigned word;          ///< which of the four words
    unsigned part;          ///< which of the word's equal parts, the highest bits first
};

/// Philox calls that are laid out together, and the lanes a row of elements spans.
inline constexpr unsigned counters_per_group = 8;
inline constexpr unsigned lanes = 16;

/// Elements that one group of Philox calls yields when a word is cut into `parts`.
inline constexpr unsigned elements_per_group(unsigned parts) {
    return 2 * lanes * parts;
}

/// The order in which the words of Philox become the elements of a basis.
/// Math:   a group of 8 calls makes 2 halves x `parts` rows x 16 lanes; lane j of a row holds word
///         2 half + 1 - (j mod 2) of call j / 2. The last Philox round leaves the words of eight
///         calls in two vector registers in just this order, so no kernel ever shuffles.
/// Shapes: parts: 1, 2 or 32 values per word
/// Repro:  the counter layout of docs/reproducibility.md
constexpr WordPosition word_position(std::uint64_t element, unsigned parts) {
    const std::uint64_t group = element / elements_per_group(parts);
    const auto within = static_cast<unsigned>(element % elements_per_group(parts));
    const unsigned lane = within % lanes;
    const unsigned row = within / lanes;
    const unsigned which_half = row / parts;
    return {group * counters_per_group + lane / 2, which_half, 2 * which_half + 1 - lane % 2,
            row % parts};
}

}  // namespace ferret
