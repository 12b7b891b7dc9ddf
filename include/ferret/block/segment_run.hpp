#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../compiled.hpp"
#include "../error.hpp"
#include "layout.hpp"
#include "shard.hpp"

namespace ferret {

/// Consecutive segments of one block, which are added up in order. Only those with which a block
/// begins can be: further ones have to be added to that sum one by one.
struct SegmentRun {
    std::uint32_t block;
    std::uint32_t first;  ///< counted from the block's first segment
    std::uint32_t count;  ///< 1 where `first` is not 0

    bool operator==(const SegmentRun&) const = default;
};

/// Segments of a block.
constexpr std::uint64_t segment_count(std::uint64_t block_size, std::uint64_t segment_size) {
    return (block_size + segment_size - 1) / segment_size;
}

/// The whole model: a run for each block.
std::vector<SegmentRun> whole_runs(const Layout& layout,
                                   std::span<const std::uint64_t> segment_sizes);

/// The runs of a shard that holds whole segments, in the model's order.
/// Shapes: shard: extents that lie within the model and do not overlap
/// Throws: LayoutMismatch if the shard holds a part of a segment
std::vector<SegmentRun> shard_runs(const Layout& layout,
                                   std::span<const std::uint64_t> segment_sizes,
                                   const Shard& shard);

/// What one shard sums: as many numbers for each of its runs as the run's block has.
struct RunSums {
    std::span<const SegmentRun> runs;
    std::span<const double> sums;
};

/// The totals of all blocks from what their shards sum, in the canonical order of tiling.hpp: the
/// bits that one process would get for the whole model.
/// Shapes: counts: numbers of each block -> their totals, block after block
/// Throws: SketchMismatch if the shards' segments are not, each once, those of the model, or a shard
///         has not one sum a number of its runs; NonFinite for a sum that is not a finite number
std::vector<double> add_runs(const Layout& layout, std::span<const std::uint64_t> segment_sizes,
                             std::span<const std::uint32_t> counts,
                             std::span<const RunSums> shards);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "segment_run.inl"
#endif
