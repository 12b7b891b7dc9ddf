#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "../rng/philox.hpp"
#include "basis_id.hpp"

namespace ferret {

/// What every basis family says of itself. It has no state: a family is chosen, not configured.
///   id              its number on the wire and in Philox keys
///   name            its name in options, messages and reports
///   parts_per_word  the elements that share a Philox word (rng/word_order.hpp)
///   Block           what the entries of one block are
template <class F>
concept BasisFamily = std::is_empty_v<F> && requires {
    typename F::Block;
    requires std::same_as<decltype(F::id), const BasisId>;
    requires F::id != BasisId{0};
    requires std::same_as<decltype(F::name), const std::string_view>;
    requires F::parts_per_word == 1 || F::parts_per_word == 2 || F::parts_per_word == 32;
};

/// A family whose every entry is drawn, v = amplitude * raw value. A Block is made of the block's
/// size d_l alone, and is copied to devices byte by byte.
///   raw_values_are_signs     raw values are +1 or -1 as the words' bits say, highest part first
///   amplitude()              in double
///   raw_second_moment()      E[raw^2] of what is really drawn
///   raw_values(w0, w1, part) of the elements whose bits are part `part` of a word of half 0 and of
///                            the word of half 1 in the same lane; runs on devices too
template <class F>
concept DenseBasis = BasisFamily<F> && std::constructible_from<typename F::Block, std::uint64_t> &&
    std::is_trivially_copyable_v<typename F::Block> &&
    requires(const typename F::Block& block, std::uint32_t word, unsigned part) {
    requires std::same_as<decltype(F::raw_values_are_signs), const bool>;
    requires !F::raw_values_are_signs || F::parts_per_word == 32;
    { block.amplitude() } -> std::same_as<double>;
    { block.raw_second_moment() } -> std::same_as<double>;
    { block.raw_values(word, word, part) } -> std::same_as<std::array<float, 2>>;
};

/// A family that gives each element of a block to one of its K bases, with a sign, so that the bases
/// depend on K. A Block is made of key, block and K; E[v^2] = 1/K and amplitudes are 1. Within a chunk
/// bases follow one another from a rotation on; block/tiling.hpp has the order of sums.
///   chunk_size(K)          elements that share a rotation: a multiple of K
///   rotation(chunk)        the basis of the chunk's first element
///   basis_of(i), sign_of(i) of one element
template <class F>
concept SparseBasis = BasisFamily<F> &&
    std::constructible_from<typename F::Block, const PhiloxKey&, std::uint32_t, std::uint32_t> &&
    std::is_trivially_copyable_v<typename F::Block> &&
    requires(const typename F::Block& block, std::uint64_t number) {
    { F::chunk_size(number) } -> std::same_as<std::uint64_t>;
    { block.bases() } -> std::same_as<std::uint64_t>;
    { block.chunk_size() } -> std::same_as<std::uint64_t>;
    { block.rotation(number) } -> std::same_as<std::uint64_t>;
    { block.basis_of(number) } -> std::same_as<std::uint64_t>;
    { block.sign_of(number) } -> std::same_as<float>;
};

}  // namespace ferret
