#pragma once

#include <algorithm>
#include <cstdint>

#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "block_range.cuh"

namespace ferret::cuda {

/// Sums that a run of one block's segments needs: `rows` of them (tiles, stretches or whole segments)
/// for each basis.
struct RunRows {
    std::uint32_t block;
    std::uint64_t first_row;
    std::uint64_t rows;
    std::uint64_t rows_per_segment;
    std::uint32_t bases;
    std::uint32_t bases_per_task;
};

/// The size of the parts into which `count` things are cut, at most `most` in each.
constexpr std::uint32_t cut_evenly(std::uint32_t count, std::uint32_t most) {
    const std::uint32_t parts = (count - 1) / most + 1;
    return (count - 1) / parts + 1;
}

/// The rows of a run in a block of `block_rows` rows.
inline RunRows rows_of(const SegmentRun& run, std::uint64_t block_rows,
                       std::uint64_t rows_per_segment, std::uint32_t bases,
                       std::uint32_t most_bases_per_task) {
    const std::uint64_t first = run.first * rows_per_segment;
    return {.block = run.block,
            .first_row = first,
            .rows = (std::min)(run.count * rows_per_segment, block_rows - first),
            .rows_per_segment = rows_per_segment,
            .bases = bases,
            .bases_per_task = cut_evenly(bases, most_bases_per_task)};
}

/// The same where a row is a tile.
inline RunRows tile_rows_of(const Layout& layout, const SegmentRun& run, std::uint32_t bases,
                            std::uint32_t most_bases_per_task) {
    return rows_of(run, tiles_of(layout.block_size(run.block)), dense_segment_size / tile_size,
                   bases, most_bases_per_task);
}

}  // namespace ferret::cuda
