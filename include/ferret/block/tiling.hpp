#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../basis/basis.hpp"
#include "budget.hpp"
#include "layout.hpp"

namespace ferret {

/// The canonical summation order, on which the bits of every coordinate rest.
///
/// A dense coordinate is summed tile by tile. In a tile, lane j adds elements j, j + 16, j + 32,
/// ... in float with fused multiply-adds; the lanes are added as a tree (j and j + 8, then j and j
/// + 4, j and j + 2, j and j + 1) in float. Tiles are added in order in double to a segment,
/// segments in order in double to the total.
///
/// SparseSign is summed stretch by stretch. For K <= 1024 a stretch is a chunk; lane j of P adds the
/// chunk's signed elements j, j + P, ... in float, and lanes of the same basis are added as a tree
/// in float: of R rows of K lanes, row r + ceil(R / 2) goes to row r, until one is left. For a
/// larger K a stretch is 64 chunks, and each basis adds its signed elements in order in float.
/// Stretches are added in order in double to a segment, segments in order in double to the total.
inline constexpr std::uint64_t tile_size = 4096;
inline constexpr std::uint64_t dense_segment_size = std::uint64_t{1} << 20;

/// P, the lanes of a SparseSign stretch: about a thousand for a small K, so that they are long runs
/// of memory for any K, and K for a large one.
inline constexpr std::size_t sparse_least_lanes = 1024;
constexpr std::size_t sparse_lanes(std::size_t bases) {
    return bases * std::max<std::size_t>(1, sparse_least_lanes / bases);
}

/// Elements of a SparseSign stretch, which are added in float.
constexpr std::uint64_t sparse_stretch_size(std::uint64_t bases, std::uint64_t chunk_size) {
    return bases <= sparse_least_lanes ? chunk_size : 64 * chunk_size;
}

/// Segments of a SparseSign block are whole stretches, about as large as dense ones.
constexpr std::uint64_t sparse_segment_size(std::uint64_t stretch_size) {
    return stretch_size * std::max<std::uint64_t>(1, dense_segment_size / stretch_size);
}

/// Elements of a segment of each block.
/// Throws: LayoutMismatch if there is not one number of bases a block, InvalidBudget for one that the
///         block cannot take
inline std::vector<std::uint64_t> segment_sizes(const Layout& layout, const Basis& basis,
                                                std::span<const std::uint32_t> bases_per_block) {
    check_bases(layout, bases_per_block);
    std::vector<std::uint64_t> sizes(layout.block_count(), dense_segment_size);
    visit_basis(basis, [&]<BasisFamily F>(F) {
        if constexpr (SparseBasis<F>) {
            for (std::size_t block = 0; block < sizes.size(); ++block) {
                const std::uint64_t bases = bases_per_block[block];
                sizes[block] =
                    sparse_segment_size(sparse_stretch_size(bases, F::chunk_size(bases)));
            }
        }
    });
    return sizes;
}

/// Elements of what is not to be cut of each block where its number of bases is not known yet: of a
/// segment, or for SparseSign, whose segments depend on that number, the whole block. Norms are summed
/// in whole segments of it too.
inline std::vector<std::uint64_t> segment_sizes(const Layout& layout, const Basis& basis) {
    std::vector<std::uint64_t> sizes(layout.block_count(), dense_segment_size);
    if (is_sparse(basis))
        for (std::size_t block = 0; block < sizes.size(); ++block)
            sizes[block] = layout.block_size(block);
    return sizes;
}

/// Elements of a segment of each block where its norm is summed.
inline std::vector<std::uint64_t> norm_segment_sizes(const Layout& layout) {
    return std::vector<std::uint64_t>(layout.block_count(), dense_segment_size);
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
        segments.push_back({block, begin, (std::min)(begin + segment_size, block_size)});
    return segments;
}

}  // namespace ferret
