#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "block_range.cuh"
#include "few_bases_sums.cuh"
#include "launch.cuh"
#include "many_bases_sums.cuh"
#include "memory.cuh"
#include "panel_sums.cuh"
#include "panels.cuh"
#include "round_keys.cuh"
#include "run_rows.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// The rows of runs in blocks of few bases, and in those of many: a kernel for each. A run of the other
/// kind has no rows.
struct SparseRows {
    std::vector<RunRows> few;   ///< row = segment
    std::vector<RunRows> many;  ///< row = stretch

    SparseRows(const Layout& layout, std::span<const std::uint32_t> bases_per_block,
               std::span<const SegmentRun> runs) {
        for (const SegmentRun& run : runs) {
            const std::uint32_t bases = bases_per_block[run.block];
            // Neither key nor block matter to a chunk's size.
            const std::uint64_t stretch_size =
                sparse_stretch_size(bases, SparseSign::Block({}, 0, bases).chunk_size());
            const std::uint64_t segment_size = sparse_segment_size(stretch_size);
            const std::uint64_t size = layout.block_size(run.block);
            few.push_back(rows_of(run, segment_count(size, segment_size), 1, bases, bases));
            many.push_back(rows_of(run, segment_count(size, stretch_size),
                                   segment_size / stretch_size, bases, ManyBasesSums::most_bases));
            (bases <= sparse_least_lanes ? many : few).back().rows = 0;
        }
    }
};

/// Queues V^T Delta of SparseSign over runs of segments, in the canonical order of tiling.hpp.
/// sums: K_l a run, on the device
inline void sparse_sums(const Cuda& cuda, const Layout& layout, const Update& update,
                        const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block,
                        std::span<const SegmentRun> runs, double* sums) {
    const SparseRows rows(layout, bases_per_block, runs);
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<std::uint32_t> bases(cuda, bases_per_block);
    const UpdateView view = update.view();
    sum_panels<double>(
        cuda, rows.few, most_partial_sums / 2, sums,
        [&](const PanelsView& panels, std::uint64_t tasks, double* row_sums) {
            launch(cuda, tasks,
                   FewBasesSums{
                       {panels, ranges.data(), view, row_sums}, bases.data(), RoundKeys(key)});
        });
    sum_panels<float>(
        cuda, rows.many, most_partial_sums, sums,
        [&](const PanelsView& panels, std::uint64_t tasks, float* row_sums) {
            launch(cuda, tasks,
                   ManyBasesSums{
                       {panels, ranges.data(), view, row_sums}, bases.data(), RoundKeys(key)});
        });
}

}  // namespace ferret::cuda
