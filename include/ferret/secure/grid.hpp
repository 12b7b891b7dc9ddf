#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../backend/cpu/cpu.hpp"
#include "../compiled.hpp"
#include "../error.hpp"
#include "../rng/seed.hpp"
#include "../wire/rotation.hpp"

namespace ferret::secure {

/// What the integers of a round's clients stand for: the same for all of them, so that integers add.
/// Math:   integer n of a chunk is the rotated coordinate step (n - largest / 2), n from 0 to largest
struct CommonGrid {
    unsigned bits = 1;         ///< of a client's integers, up to most_grid_bits
    std::vector<float> steps;  ///< of each chunk

    bool operator==(const CommonGrid&) const = default;

    std::uint32_t largest() const { return (std::uint32_t{1} << bits) - 1; }
};

inline constexpr unsigned most_grid_bits = 16;
inline constexpr float smallest_step = 0x1p-100f;
inline constexpr float largest_step = 0x1p60f;

/// The Philox key of the signs of a turn of the rotation that all clients of a secure round share.
inline PhiloxKey common_rotation_key(const Seed& seed, unsigned turn) {
    return rotation_key(seed, rotation_turns + turn);
}

/// The Philox key of the words by which clients round. Basis c of block rotation_of(client) under this
/// key rounds chunk c; its element i takes the word of element i in a family of one value a word.
inline PhiloxKey grid_rounding_key(const Seed& seed) {
    return rotation_key(seed, 2 * rotation_turns);
}

/// How many standard deviations the grid reaches to either side.
/// Math:   where the variance of 30 clients' mean and the square of what clipping costs it are
///         smallest together, for normally distributed numbers
float grid_reach(unsigned bits);

/// The grid for chunks whose numbers have these standard deviations.
/// Math:   step = 2 reach deviation / largest, from smallest_step to largest_step
/// Throws: InvalidBudget for a number of bits that no grid has, or a negative deviation; NonFinite for one
///         that is not a finite number
CommonGrid grid_of(unsigned bits, std::span<const float> deviations);

/// How many integers a client sends: all numbers of its chunks, and digits of grid_digits each for the
/// number of them that were clipped and for each chunk's mean square.
std::size_t grid_length(std::span<const RotatedChunk> chunks, unsigned bits);

/// A client's coordinates as integers.
/// Math:   of a chunk y the rotated numbers t = H1 S1 H0 S0 y / sqrt(gain), with signs S that all clients
///         share, are rounded up or down at random, so that the mean of what is read is t where t is
///         within the grid, and clipped beyond
/// Shapes: coordinates, chunks: a sketch's and cut_into_chunks of its K_l -> grid_length integers up to
///         grid.largest()
/// Throws: SketchMismatch if the grid has not one step a chunk, or the chunks have another number of
///         coordinates; NonFinite for a coordinate that is no finite number, or of few_bits_limit or more;
///         `where` begins the message
/// Repro:  identical for every instruction set and number of threads
std::vector<std::uint32_t> round_to_grid(std::span<const float> coordinates,
                                         std::span<const RotatedChunk> chunks,
                                         const CommonGrid& grid, const Seed& seed,
                                         std::uint64_t client, const Cpu& backend,
                                         const std::string& where);

/// What the sum of the clients' integers says.
struct GridMean {
    std::vector<float> coordinates;  ///< the mean of the clients'
    std::vector<float>
        deviations;        ///< of the clients' numbers in each chunk, root of the mean square
    double clipped = 0.0;  ///< share of numbers that were beyond the grid

    bool operator==(const GridMean&) const = default;
};

/// Reads the sum of so many clients' integers.
/// Shapes: sums: grid_length; clients: 1 to 256
/// Cost:   as decoding coordinates of few bits
/// Throws: SketchMismatch for another number of sums or steps, or no client; Malformed for a sum, or a
///         number by its digits, that is more than so many clients' integers make
/// Repro:  identical for every instruction set and number of threads
GridMean read_grid(std::span<const std::uint32_t> sums, std::size_t clients,
                   std::span<const RotatedChunk> chunks, const CommonGrid& grid, const Seed& seed,
                   const Cpu& backend);

}  // namespace ferret::secure

#ifndef FERRET_COMPILED
#include "grid.inl"
#endif
