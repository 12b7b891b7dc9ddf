#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../basis/sparse_sign.hpp"
#include "layout.hpp"

namespace ferret {

/// The canonical summation order, on which the bits of every coordinate rest.
///
/// A dense coordinate is summed tile by tile. In a tile, lane j adds elements j, j + 16, j + 32,
/// ... in float with fused multiply-adds; the lanes are added as a tree (j and j + 8, then j and j
/// + 4, j and j + 2, j and j + 1) in float. Tiles are added in order in double to a segment,
/// segments in order in double to the total. A SparseSign coordinate adds its elements in order in
/// double to a segment, and segments in order in double to the total.
inline constexpr std::uint64_t tile_size = 4096;
inline constexpr std::uint64_t dense_segment_size = std::uint64_t{1} << 20;

/// Segments of a SparseSign block are whole chunks, about as large as dense ones.
constexpr std::uint64_t sparse_segment_size(std::uint64_t chunk_size) {
    return chunk_size * std::max<std::uint64_t>(1, dense_segment_size / chunk_size);
}

/// A range of one block's elements, counted from the block's first.
struct Segment {
    std::size_t block;
    std::uint64_t begin;
    std::uint64_t end;
};

/// A block's segments in order.
inline std::vector<Segment> segments_of(std::size_t block, std::uint64_t block_size,
                                        std::uint64_t segment_size) {
    std::vector<Segment> segments;
    for (std::uint64_t begin = 0; begin < block_size; begin += segment_size)
        segments.push_back({block, begin, std::min(begin + segment_size, block_size)});
    return segments;
}

}  // namespace ferret
