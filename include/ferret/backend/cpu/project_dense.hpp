#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "cpu.hpp"
#include "dense_bases.hpp"
#include "kernels.hpp"
#include "segment_sums.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// How many bases of a segment make one task: as many as share the reading of a tile, but so few
/// that a model of any shape keeps all threads busy to the end.
inline std::uint32_t dense_bases_per_task(const Cpu& cpu, std::span<const SegmentRun> runs,
                                          std::span<const std::uint32_t> bases_per_block) {
    constexpr std::uint64_t tasks_per_thread = 8;
    std::uint64_t work = 0;  // in bases of a segment
    for (const SegmentRun& run : runs)
        work += std::uint64_t{run.count} * bases_per_block[run.block];
    const std::uint64_t share =
        work / (static_cast<std::uint64_t>(threads_of(cpu)) * tasks_per_thread);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(share / 4 * 4, 8, 64));
}

/// V^T Delta of a dense family's bases over runs of segments, in units of their raw values, in the
/// canonical order of tiling.hpp.
inline std::vector<double> dense_sums(const Cpu& cpu, const Kernels& kernels, const Layout& layout,
                                      const Basis& basis, const UpdateReader& update,
                                      const PhiloxKey& key,
                                      std::span<const std::uint32_t> bases_per_block,
                                      std::span<const SegmentRun> runs,
                                      std::span<const std::uint64_t> segment_sizes) {
    const DenseBases bases(kernels, layout, basis);
    return sum_segments(
        cpu, segments_of(layout, runs, segment_sizes, bases_per_block), bases_per_block,
        dense_bases_per_task(cpu, runs, bases_per_block), [](const Segment&) { return false; },
        [&](const Segment& segment, std::uint32_t first, std::uint32_t last, double* partial) {
            alignas(cache_line) std::array<float, tile_size> tile;
            for (std::uint64_t begin = segment.begin; begin < segment.end; begin += tile_size) {
                const auto count =
                    static_cast<std::size_t>((std::min)(tile_size, segment.end - begin));
                std::fill(tile.begin() + static_cast<std::ptrdiff_t>(count), tile.end(), 0.0f);
                if (!update.load(kernels.memory, layout.block_offset(segment.block) + begin, count,
                                 tile.data()))
                    continue;
                bases.dot({key, static_cast<std::uint32_t>(segment.block), first}, begin,
                          last - first, count, tile.data(), partial);
            }
        });
}

}  // namespace ferret::cpu
