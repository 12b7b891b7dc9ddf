#pragma once

#include <cstddef>
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
#include "panels.cuh"
#include "round_keys.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Queues V^T Delta of SparseSign over runs of segments, in the canonical order of tiling.hpp.
/// sums: K_l a run, on the device
inline void sparse_sums(const Cuda& cuda, const Layout& layout, const Update& update,
                        const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block,
                        std::span<const SegmentRun> runs, double* sums) {
    // Blocks of few bases and of many take a kernel each; a run of the other kind has no rows.
    std::vector<RunRows> few;
    std::vector<RunRows> many;
    for (const SegmentRun& run : runs) {
        const std::uint32_t bases = bases_per_block[run.block];
        const std::uint64_t stretch_size =
            sparse_stretch_size(bases, SparseSign::Block(key, run.block, bases).chunk_size());
        const std::uint64_t segment_size = sparse_segment_size(stretch_size);
        const std::uint64_t size = layout.block_size(run.block);
        const bool is_few = bases <= sparse_least_lanes;
        const std::uint64_t rows_per_segment = is_few ? 1 : segment_size / stretch_size;
        const RowRange range = rows_of(run, rows_per_segment,
                                       segment_count(size, is_few ? segment_size : stretch_size));
        few.push_back({.block = run.block,
                       .first_row = range.first,
                       .rows = is_few ? range.count : 0,
                       .rows_per_segment = 1,
                       .bases = bases,
                       .bases_per_task = bases});
        many.push_back({.block = run.block,
                        .first_row = range.first,
                        .rows = is_few ? 0 : range.count,
                        .rows_per_segment = rows_per_segment,
                        .bases = bases,
                        .bases_per_task = cut_evenly(bases, ManyBasesSums::most_bases)});
    }
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<std::uint32_t> bases(cuda, bases_per_block);
    const UpdateView view = update.view();
    sum_panels<double>(cuda, few, most_partial_sums / 2, sums,
                       [&](const PanelsView& panels, std::uint64_t tasks, double* row_sums) {
                           launch(cuda, tasks,
                                  FewBasesSums{panels, ranges.data(), bases.data(), RoundKeys(key),
                                               view, row_sums});
                       });
    sum_panels<float>(cuda, many, most_partial_sums, sums,
                      [&](const PanelsView& panels, std::uint64_t tasks, float* row_sums) {
                          launch(cuda, tasks,
                                 ManyBasesSums{panels, ranges.data(), bases.data(), RoundKeys(key),
                                               view, row_sums});
                      });
}

}  // namespace ferret::cuda
