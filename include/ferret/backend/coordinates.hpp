#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "../basis/basis.hpp"
#include "../block/layout.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../sketch.hpp"

namespace ferret {

/// What a block's entries are, for every block of a layout.
template <DenseBasis B>
std::vector<typename B::Block> laws_of(const Layout& layout) {
    std::vector<typename B::Block> laws;
    laws.reserve(layout.block_count());
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        laws.emplace_back(layout.block_size(block));
    return laws;
}

/// Looks for what made a sum infinite or nan. Every element is in some sum, from which neither ever
/// goes away, so kernels need not look at each.
/// Throws: NonFinite naming tensor and index, if an element is not finite; a sum may also overflow
template <class Number, class Update>
void check_sums(const std::vector<Number>& sums, const Update& update) {
    if (!std::all_of(sums.begin(), sums.end(), [](Number sum) { return is_finite(sum); }))
        update.check_finite();
}

/// What sums of raw values are divided by to give the coordinates of each block.
/// Math:   gamma = V^T Delta / (rho K) with v = amplitude * raw: the raw sum over
///         amplitude * E[raw^2] * K, in double, rounded to float once; SparseSign has rho K = 1
inline std::vector<double> divisors_of(const Layout& layout, const Basis& basis,
                                       std::span<const std::uint32_t> bases_per_block) {
    std::vector<double> divisors(layout.block_count(), 1.0);
    visit_basis(basis, [&]<class B>(const B&) {
        if constexpr (DenseBasis<B>) {
            for (std::size_t block = 0; block < divisors.size(); ++block) {
                const typename B::Block law(layout.block_size(block));
                divisors[block] = law.amplitude() * law.raw_second_moment() *
                                  static_cast<double>(bases_per_block[block]);
            }
        }
    });
    return divisors;
}

/// From sums of raw values to coordinates.
/// Shapes: totals: the raw sums, block after block
inline std::vector<float> coordinates_of(const Layout& layout, const Basis& basis,
                                         std::span<const double> totals,
                                         std::span<const std::uint32_t> bases_per_block) {
    const std::vector<double> divisors = divisors_of(layout, basis, bases_per_block);
    std::vector<float> coordinates;
    coordinates.reserve(totals.size());
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (std::uint32_t k = 0; k < bases_per_block[block]; ++k)
            coordinates.push_back(static_cast<float>(totals[coordinates.size()] / divisors[block]));
    return coordinates;
}

/// Throws: NonFinite if a number is not finite though the update's elements are
template <class Number>
void check_overflow(std::span<const Number> numbers, const char* what) {
    for (std::size_t k = 0; k < numbers.size(); ++k)
        if (!is_finite(numbers[k]))
            throw NonFinite(error_text(
                {"project: ", what, " ", k, " overflows float: the update is too large"}));
}

/// The amplitude of every block's entries; 1 for a sparse family.
inline std::vector<double> amplitudes_of(const Layout& layout, const Basis& basis) {
    std::vector<double> amplitudes(layout.block_count(), 1.0);
    visit_basis(basis, [&]<class B>(const B&) {
        if constexpr (DenseBasis<B>)
            for (std::size_t block = 0; block < layout.block_count(); ++block)
                amplitudes[block] = typename B::Block(layout.block_size(block)).amplitude();
    });
    return amplitudes;
}

/// The factors of the raw basis values.
/// Math:   float(scale * gamma * amplitude), multiplied in double in this order
/// Throws: NonFinite if a factor overflows
inline std::vector<float> coefficients_of(const Sketch& sketch, float scale,
                                          std::span<const double> amplitudes) {
    std::vector<float> coefficients(sketch.coordinates.size());
    std::size_t begin = 0;
    for (std::size_t block = 0; block < amplitudes.size(); ++block) {
        const std::size_t end = begin + sketch.bases_per_block[block];
        for (std::size_t k = begin; k < end; ++k)
            coefficients[k] =
                static_cast<float>(static_cast<double>(scale) *
                                   static_cast<double>(sketch.coordinates[k]) * amplitudes[block]);
        begin = end;
    }
    const auto bad = std::find_if_not(coefficients.begin(), coefficients.end(),
                                      [](float coefficient) { return is_finite(coefficient); });
    if (bad != coefficients.end())
        throw NonFinite(
            error_text({"reconstruct: expected finite numbers, got ", scale, " times coordinate ",
                        sketch.coordinates[static_cast<std::size_t>(bad - coefficients.begin())]}));
    return coefficients;
}

}  // namespace ferret
