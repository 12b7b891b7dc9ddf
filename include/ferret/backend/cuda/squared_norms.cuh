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
#include "panel_sums.cuh"
#include "panels.cuh"
#include "row_sums.cuh"
#include "run_rows.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Sums of the squares of tiles: row = tile, one basis.
struct TileSquares : RowSums<double> {
    static constexpr unsigned threads = 128;
    static constexpr unsigned teams = 8;
    struct Shared {
        float tile[tile_size];
        double lane_sums[lanes];
    };

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const Row row = row_of(task, tile_size);
        const auto length = static_cast<unsigned>(row.size);
        UpdatePiece at{};
        update.visit_range(at, row.begin_in_model, length, [&](const auto& elements) {
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
        team.for_each(1, [&](unsigned) { sums[task.first_sum] = sum_of_lanes(shared.lane_sums); });
    }
};

/// ||Delta_l||^2 over runs of segments, in the order of the CPU's: a number a run.
/// Throws: DeviceError
/// Repro:  identical to the CPU's
inline std::vector<double> squared_norms(const Cuda& cuda, const Layout& layout,
                                         const Update& update, std::span<const SegmentRun> runs) {
    std::vector<RunRows> rows;
    for (const SegmentRun& run : runs) rows.push_back(tile_rows_of(layout, run, 1, 1));
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<double> totals(cuda, rows.size());
    sum_panels<double>(
        cuda, rows, most_partial_sums / 2, totals.data(),
        [&](const PanelsView& panels, std::uint64_t tasks, double* sums) {
            launch(cuda, tasks, TileSquares{{panels, ranges.data(), update.view(), sums}});
        });
    return totals.to_host();
}

}  // namespace ferret::cuda
