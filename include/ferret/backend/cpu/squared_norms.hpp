#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../coordinates.hpp"
#include "cpu.hpp"
#include "loops.hpp"
#include "segment_sums.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// ||Delta_l||^2 over runs of segments: a number a run.
/// Math:   lane j of 16 adds the squares of elements j, j + 16, ... of a tile in double; lanes,
///         tiles and segments are added like a dense coordinate's, all in double
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<double> squared_norms(const Cpu& cpu, const Layout& layout,
                                         const UpdateReader& update,
                                         std::span<const SegmentRun> runs) {
    const std::vector<std::uint32_t> counts(layout.block_count(), 1);
    const std::vector<RunSegment> segments =
        segments_of(layout, runs, norm_segment_sizes(layout), counts);
    const MemoryKernels& kernels = kernels_of(cpu.instruction_set).memory;
    return sum_segments(
        cpu, segments, counts, 1, [](const Segment&) { return false; },
        [&](const Segment& segment, std::uint32_t, std::uint32_t, double* partial) {
            alignas(cache_line) std::array<float, tile_size> tile;
            for (std::uint64_t begin = segment.begin; begin < segment.end; begin += tile_size) {
                const auto count =
                    static_cast<std::size_t>((std::min)(tile_size, segment.end - begin));
                if (update.load(kernels, layout.block_offset(segment.block) + begin, count,
                                tile.data()))
                    *partial += kernels.sum_of_squares(tile.data(), count);
            }
        });
}

}  // namespace ferret::cpu
