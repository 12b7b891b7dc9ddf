#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../rng/seed.hpp"

namespace ferret {

/// Coordinates that are rotated together: consecutive ones of a message.
struct RotatedChunk {
    std::size_t first;  ///< the first of them
    std::size_t count;
    std::size_t size;  ///< a power of two; zeros follow the `count` coordinates

    bool operator==(const RotatedChunk&) const = default;
};

inline constexpr std::size_t smallest_chunk = 32;
inline constexpr std::size_t largest_chunk = 8192;

/// How many rotations one after the other: after one a list with a single large number is a list of two
/// numbers, whose levels would be biased; after two every list looks normally distributed.
inline constexpr unsigned rotation_turns = 2;

/// The shortest distance of a turn's butterflies: the first turn only has to spread a single large number
/// over hundreds, for which those between rows of 16 lanes are enough.
constexpr std::size_t shortest_distance(unsigned turn, std::size_t size) {
    return turn == 0 && size >= 4096 ? 16 : 1;
}

/// Math:   n in H H^T = n I of the turn's matrix H
constexpr std::size_t turn_gain(unsigned turn, std::size_t size) {
    return size / shortest_distance(turn, size);
}

/// The chunks of a message.
/// Math:   blocks are joined with those before them until there are 8192 coordinates. Such a list is cut
///         into chunks of 8192, then of ever smaller powers of two, the last of which is at least 32
/// Cost:   a chunk's scale of 4 bytes is at most 1/256 of one of 8192 coordinates
std::vector<RotatedChunk> cut_into_chunks(std::span<const std::uint32_t> bases_per_block);

/// The Philox key of the signs of a message's turn, 0 or 1. Basis c of block `rotation` under this key
/// has the signs of chunk c, as Rademacher's has them.
inline PhiloxKey rotation_key(const Seed& seed, unsigned turn) {
    constexpr std::uint32_t domain = 0x100;  // above all ids of basis families
    return basis_key(seed, domain + turn);
}

/// The rotation that a client's coordinates travel with; the server's is 0. Roundings of different
/// rotations average out, those of the same would not.
inline std::uint32_t rotation_of(std::uint64_t client) {
    return 1 + static_cast<std::uint32_t>(client % 0xFFFFFFFFu);
}

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "rotation.inl"
#endif
