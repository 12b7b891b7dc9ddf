#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "cpu.hpp"
#include "loops.hpp"
#include "project_dense.hpp"
#include "project_sparse.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// Coordinates of an update in any basis.
/// Math:   gamma = V^T Delta / (rho K) with v = amplitude * raw: the raw sum over
///         amplitude * E[raw^2] * K, in double, rounded to float once; SparseSign has rho K = 1
/// Throws: NonFinite naming tensor and index
/// Repro:  identical for any instruction set, number of threads and tensor cut
inline std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                  const UpdateReader& update, const PhiloxKey& key,
                                  std::span<const std::uint32_t> bases_per_block) {
    std::vector<double> divisors(layout.block_count(), 1.0);
    const CacheLineVector<double> totals = with_loops(cpu.instruction_set, [&]<class Loops>(Loops) {
        return std::visit(
            [&]<class B>(const B&) {
                if constexpr (DenseBasis<B>) {
                    std::vector<typename B::Block> laws;
                    for (std::size_t block = 0; block < layout.block_count(); ++block) {
                        laws.emplace_back(layout.block_size(block));
                        divisors[block] = laws.back().amplitude() *
                                          laws.back().raw_second_moment() *
                                          static_cast<double>(bases_per_block[block]);
                    }
                    return dense_totals<Loops, B>(cpu, layout, laws, update, key, bases_per_block);
                } else {
                    return sparse_totals<Loops>(cpu, layout, update, key, bases_per_block);
                }
            },
            basis);
    });
    // Every element is in some sum, from which an infinity or nan never goes away.
    if (!std::all_of(totals.begin(), totals.end(), [](double sum) { return std::isfinite(sum); }))
        update.check_finite();

    std::vector<float> coordinates;
    coordinates.reserve(totals.size());
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (std::uint32_t k = 0; k < bases_per_block[block]; ++k)
            coordinates.push_back(static_cast<float>(totals[coordinates.size()] / divisors[block]));
    return coordinates;
}

}  // namespace ferret::cpu
