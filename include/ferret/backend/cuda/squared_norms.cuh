#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../coordinates.hpp"
#include "block_range.cuh"
#include "launch.cuh"
#include "memory.cuh"
#include "panels.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Sums of the squares of tiles: row = tile, one basis.
struct TileSquares {
    static constexpr unsigned threads = 128;
    static constexpr unsigned teams = 8;
    struct Shared {
        float tile[tile_size];
        double lane_sums[lanes];
    };

    PanelsView panels;
    const BlockRange* blocks;
    UpdateView update;
    double* sums;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const BlockRange block = blocks[task.panel->block];
        const std::uint64_t begin = task.row * tile_size;
        const unsigned length = tile_length(block, begin);
        UpdatePiece at{};
        update.visit_range(at, block.begin + begin, length, [&](const auto& elements) {
            team.transfer(
                length, [&](unsigned i) { return elements(i); },
                [&](unsigned i, float value) { shared.tile[i] = value; });
        });
        team.for_each(lanes, [&](unsigned lane) {
            double sum = 0.0;
            for (unsigned i = lane; i < length; i += lanes) {
                const auto value = static_cast<double>(shared.tile[i]);
                sum = std::fma(value, value, sum);
            }
            shared.lane_sums[lane] = sum;
        });
        team.for_each(1, [&](unsigned) {
            for (unsigned width = lanes / 2; width > 0; width /= 2)
                for (unsigned lane = 0; lane < width; ++lane)
                    shared.lane_sums[lane] += shared.lane_sums[lane + width];
            sums[task.first_sum] = shared.lane_sums[0];
        });
    }
};

/// ||Delta_l||^2 over runs of segments, in the order of the CPU's: a number a run.
/// Throws: NonFinite naming tensor and index; DeviceError
/// Repro:  identical to the CPU's
inline std::vector<double> squared_norms(const Cuda& cuda, const Layout& layout,
                                         const Update& update, std::span<const SegmentRun> runs) {
    constexpr std::uint64_t rows_per_segment = dense_segment_size / tile_size;
    std::vector<RunRows> rows;
    for (const SegmentRun& run : runs) {
        const RowRange range =
            rows_of(run, rows_per_segment, tiles_of(layout.block_size(run.block)));
        rows.push_back({.block = run.block,
                        .first_row = range.first,
                        .rows = range.count,
                        .rows_per_segment = rows_per_segment,
                        .bases = 1,
                        .bases_per_task = 1});
    }
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<double> totals(cuda, rows.size());
    sum_panels<double>(
        cuda, rows, most_partial_sums / 2, totals.data(),
        [&](const PanelsView& panels, std::uint64_t tasks, double* sums) {
            launch(cuda, tasks, TileSquares{panels, ranges.data(), update.view(), sums});
        });
    const std::vector<double> norms = totals.to_host();
    check_sums(norms, update);
    return norms;
}

}  // namespace ferret::cuda
