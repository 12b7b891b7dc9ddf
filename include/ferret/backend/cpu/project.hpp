#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../coordinates.hpp"
#include "cpu.hpp"
#include "loops.hpp"
#include "project_dense.hpp"
#include "project_sparse.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Coordinates of an update in any basis.
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                  const UpdateReader& update, const PhiloxKey& key,
                                  std::span<const std::uint32_t> bases_per_block) {
    const auto coordinates = [&]<class Loops, class B>() {
        CacheLineVector<double> totals;
        if constexpr (DenseBasis<B>)
            totals = dense_totals<Loops, B>(cpu, layout, laws_of<B>(layout), update, key,
                                            bases_per_block);
        else
            totals = sparse_totals<Loops>(cpu, layout, update, key, bases_per_block);
        check_sums(totals, update);
        return coordinates_of<B>(layout, totals, bases_per_block);
    };
    return with_loops(cpu.instruction_set, [&]<class Loops>(Loops) {
        return std::visit(
            [&]<class B>(const B&) { return coordinates.template operator()<Loops, B>(); }, basis);
    });
}

}  // namespace ferret::cpu
