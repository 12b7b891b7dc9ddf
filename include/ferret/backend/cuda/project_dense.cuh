#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../coordinates.hpp"
#include "block_range.cuh"
#include "launch.cuh"
#include "memory.cuh"
#include "panel_sums.cuh"
#include "panels.cuh"
#include "raw_values.cuh"
#include "round_keys.cuh"
#include "row_sums.cuh"
#include "run_rows.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Products of N consecutive bases with the two lanes that one Philox call of eight feeds.
/// Math:   sums[n][s] adds elements lane, lane + 16, ... of the tile, lane = 2 pair + s, in order,
///         with fused multiply-adds
/// Shapes: tile: `groups` groups of 32 P elements, in units of 1 / Values::scale
template <DenseBasis B, unsigned N, class Values>
FERRET_DEVICE void dot_lane_pair(const Values& values, const RoundKeys& keys, std::uint32_t block,
                                 std::uint32_t first_basis, std::uint64_t first_call,
                                 unsigned groups, unsigned pair, const float* tile,
                                 float (&sums)[N][2]) {
    constexpr unsigned parts = B::parts_per_word;
    for (unsigned group = 0; group < groups; ++group) {
        const std::uint32_t call = low_word(first_call) + group * counters_per_group + pair;
        const float* from = tile + group * elements_per_group(parts) + 2 * pair;
        PhiloxWords words[N];
        FERRET_UNROLL_LOOP
        for (unsigned n = 0; n < N; ++n)
            words[n] = keys(call, high_word(first_call), first_basis + n, block);
        FERRET_UNROLL_LOOP
        for (unsigned half = 0; half < 2; ++half) FERRET_UNROLL_LOOP
        for (unsigned part = 0; part < parts; ++part, from += lanes) FERRET_UNROLL_LOOP
        for (unsigned n = 0; n < N; ++n) FERRET_UNROLL_LOOP
        for (unsigned s = 0; s < 2; ++s)
            sums[n][s] =
                std::fma(from[s], values(words[n][1 - s], words[n][3 - s], part)[half], sums[n][s]);
    }
}

/// Sums of tiles: row = tile. The tile lies in shared memory while the bases pass over it, four a
/// thread.
template <DenseBasis B>
struct DenseTileSums : RowSums<float> {
    static constexpr unsigned threads = 128;
    static constexpr unsigned teams = 6;
    static constexpr unsigned bases_per_thread = 4;
    static constexpr unsigned most_bases = 64;  ///< of a task

    struct Shared {
        alignas(16) float tile[tile_size];
        float lane_sums[most_bases][lanes + 1];  // one more, for the banks of shared memory
    };

    const typename B::Block* laws;
    RoundKeys keys;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const PanelTask task = panels.task(index);
        const Row row = row_of(task, tile_size);
        const auto length = static_cast<unsigned>(row.size);
        ValuesOf<B>::visit(laws + task.panel->block, [&]<class Values>(const Values& values) {
            UpdatePiece at{};
            update.visit_range(at, row.begin_in_model, length, [&](const auto& elements) {
                team.for_each(static_cast<unsigned>(tile_size), [&](unsigned i) {
                    shared.tile[i] = i < length ? Values::scale * elements(i) : 0.0f;
                });
            });
            const unsigned quads = (task.bases + bases_per_thread - 1) / bases_per_thread;
            team.for_each(quads * counters_per_group, [&](unsigned i) {
                multiply(values, shared, task, row, i / counters_per_group * bases_per_thread,
                         i % counters_per_group);
            });
        });
        team.for_each(task.bases, [&](unsigned i) {
            sums[task.first_sum + i] = sum_of_lanes(shared.lane_sums[i]);
        });
    }

private:
    /// Sums the tile's products with a thread's bases, from the task's basis `first` on, in a pair
    /// of lanes.
    template <class Values>
    FERRET_DEVICE void multiply(const Values& values, Shared& shared, const PanelTask& task,
                                const Row& row, unsigned first, unsigned pair) const {
        constexpr unsigned group_size = elements_per_group(B::parts_per_word);
        float pair_sums[bases_per_thread][2] = {};
        dot_lane_pair<B>(values, keys, task.panel->block, task.first_basis + first,
                         row.begin / group_size * counters_per_group,
                         (static_cast<unsigned>(row.size) + group_size - 1) / group_size, pair,
                         shared.tile, pair_sums);
        for (unsigned n = 0; n < bases_per_thread && first + n < task.bases; ++n)
            for (unsigned s = 0; s < 2; ++s)
                shared.lane_sums[first + n][2 * pair + s] = pair_sums[n][s];
    }
};

/// Queues V^T Delta of a dense basis over runs of segments, in units of its raw values, in the
/// canonical order of tiling.hpp.
/// sums: K_l a run, on the device
template <DenseBasis B>
void dense_sums(const Cuda& cuda, const Layout& layout, const Update& update, const PhiloxKey& key,
                std::span<const std::uint32_t> bases_per_block, std::span<const SegmentRun> runs,
                double* sums) {
    using Kernel = DenseTileSums<B>;
    std::vector<RunRows> rows;
    for (const SegmentRun& run : runs)
        rows.push_back(tile_rows_of(layout, run, bases_per_block[run.block], Kernel::most_bases));
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<typename B::Block> laws(cuda, laws_of<B>(layout));
    sum_panels<float>(cuda, rows, most_partial_sums, sums,
                      [&](const PanelsView& panels, std::uint64_t tasks, float* tile_sums) {
                          launch(cuda, tasks,
                                 Kernel{{panels, ranges.data(), update.view(), tile_sums},
                                        laws.data(),
                                        RoundKeys(key)});
                      });
}

}  // namespace ferret::cuda
