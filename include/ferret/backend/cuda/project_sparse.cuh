#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/sparse_sign.hpp"
#include "../../block/layout.hpp"
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

/// Queues V^T Delta of SparseSign, in the canonical order of tiling.hpp.
/// totals: one a basis, on the device
inline void sparse_totals(const Cuda& cuda, const Layout& layout, const Update& update,
                          const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block,
                          double* totals) {
    // Blocks of few bases and of many take a kernel each; a block of the other kind has no rows.
    std::vector<BlockSums> few;
    std::vector<BlockSums> many;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = bases_per_block[block];
        const std::uint64_t stretch_size = sparse_stretch_size(
            bases, SparseSign::Block(key, static_cast<std::uint32_t>(block), bases).chunk_size());
        const std::uint64_t segment_size = sparse_segment_size(stretch_size);
        const bool is_few = bases <= sparse_least_lanes;
        const auto rows = [&](std::uint64_t row_size) {
            return (layout.block_size(block) + row_size - 1) / row_size;
        };
        few.push_back({.rows = is_few ? rows(segment_size) : 0,
                       .rows_per_segment = 1,
                       .bases = bases,
                       .bases_per_task = bases});
        many.push_back({.rows = is_few ? 0 : rows(stretch_size),
                        .rows_per_segment = segment_size / stretch_size,
                        .bases = bases,
                        .bases_per_task = cut_evenly(bases, ManyBasesSums::most_bases)});
    }
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<std::uint32_t> bases(cuda, bases_per_block);
    const UpdateView view = update.view();
    sum_panels<double>(
        cuda, few, most_partial_sums / 2, totals,
        [&](const PanelsView& panels, std::uint64_t tasks, double* sums) {
            launch(cuda, tasks,
                   FewBasesSums{panels, ranges.data(), bases.data(), RoundKeys(key), view, sums});
        });
    sum_panels<float>(
        cuda, many, most_partial_sums, totals,
        [&](const PanelsView& panels, std::uint64_t tasks, float* sums) {
            launch(cuda, tasks,
                   ManyBasesSums{panels, ranges.data(), bases.data(), RoundKeys(key), view, sums});
        });
}

}  // namespace ferret::cuda
