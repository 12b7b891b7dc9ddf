#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../coordinates.hpp"
#include "cpu.hpp"
#include "loops.hpp"
#include "project_dense.hpp"
#include "project_sparse.hpp"
#include "segment_sums.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Sums of an update's products with raw values over runs of segments, K_l numbers a run.
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline CacheLineVector<double> segment_sums(const Cpu& cpu, const Layout& layout,
                                            const Basis& basis, const UpdateReader& update,
                                            const PhiloxKey& key,
                                            std::span<const std::uint32_t> bases_per_block,
                                            std::span<const SegmentRun> runs) {
    const std::vector<std::uint64_t> sizes = segment_sizes(layout, basis, bases_per_block);
    CacheLineVector<double> sums = with_loops(cpu.instruction_set, [&]<class Loops>(Loops) {
        return std::visit(
            [&]<class B>(const B&) {
                if constexpr (DenseBasis<B>)
                    return dense_sums<Loops, B>(cpu, layout, laws_of<B>(layout), update, key,
                                                bases_per_block, runs, sizes);
                else
                    return sparse_sums<Loops>(cpu, layout, update, key, bases_per_block, runs,
                                              sizes);
            },
            basis);
    });
    check_sums(sums, update);
    return sums;
}

/// Coordinates of an update in any basis.
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                  const UpdateReader& update, const PhiloxKey& key,
                                  std::span<const std::uint32_t> bases_per_block) {
    const std::vector<SegmentRun> runs =
        whole_runs(layout, segment_sizes(layout, basis, bases_per_block));
    return coordinates_of(layout, basis,
                          segment_sums(cpu, layout, basis, update, key, bases_per_block, runs),
                          bases_per_block);
}

}  // namespace ferret::cpu
