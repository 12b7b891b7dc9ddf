#pragma once

#include <cstdint>

namespace ferret_test {

/// Pairs of words that fill the square evenly, so that means over them are expectations over random
/// words but for about 1e-5: a lattice of Korobov's kind.
inline constexpr std::uint32_t word_grid_size = 1u << 20;
inline std::uint32_t grid_word0(std::uint32_t i) {
    return (i << 12) + (1u << 11);
}
inline std::uint32_t grid_word1(std::uint32_t i) {
    return i * 2654435769u;
}

}  // namespace ferret_test
