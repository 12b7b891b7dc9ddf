#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/reference.hpp>
#include <span>
#include <vector>

namespace ferret_test {

/// How far each coordinate that projection returns may be from the exact one, given the update.
///
/// Math:   with A = sum |delta_i| |v_i| / (rho K): a lane of a tile adds at most 256 products with
///         one rounding each and the 16 lanes are added in 4 levels, so a tile's float sum is off
///         by at most 260 u of its part of A (u = 2^-24, first order; 270 takes up the rest).
///         Additions of tiles and the division, in double, are below that by 2^-29 each; the
///         rounding of the coordinate to float adds u |gamma| <= u A. SparseSign adds in float at
///         most 8 elements of a chunk to a lane and lanes in 9 levels, or 64 chunks of at most 3
///         elements: 192 u, and u for the coordinate.
inline std::vector<double> coordinate_error_bounds(const ferret::Layout& layout,
                                                   const ferret::Basis& basis,
                                                   std::span<const std::uint32_t> bases_per_block,
                                                   std::span<const float> delta,
                                                   const ferret::Seed& seed) {
    const bool dense = !ferret::is_sparse(basis);
    const double unit = std::ldexp(1.0, -24);
    const double roundings = dense ? 270.0 : 194.0;
    std::vector<double> bounds;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = bases_per_block[block];
        const double rho = ferret::second_moment(basis, layout.block_size(block), bases);
        for (std::uint32_t k = 0; k < bases; ++k) {
            double absolute = 0.0;
            for (std::uint64_t i = 0; i < layout.block_size(block); ++i)
                absolute +=
                    std::abs(static_cast<double>(delta[layout.block_offset(block) + i]) *
                             ferret::reference::entry(basis, layout, seed, block, bases, k, i));
            bounds.push_back(roundings * unit * absolute / (rho * static_cast<double>(bases)));
        }
    }
    return bounds;
}

}  // namespace ferret_test
