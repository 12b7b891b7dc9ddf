#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<double> segment_sums(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                        const UpdateReader& update, const PhiloxKey& key,
                                        std::span<const std::uint32_t> bases_per_block,
                                        std::span<const SegmentRun> runs) {
    const std::vector<std::uint64_t> sizes = segment_sizes(layout, basis, bases_per_block);
    const Kernels& kernels = kernels_of(cpu.instruction_set);
    return is_sparse(basis)
               ? sparse_sums(cpu, kernels, layout, update, key, bases_per_block, runs, sizes)
               : dense_sums(cpu, kernels, layout, basis, update, key, bases_per_block, runs, sizes);
}

/// Coordinates of an update in any basis.
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
