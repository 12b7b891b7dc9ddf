#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "error.hpp"
#include "floating_point.hpp"
#include "rng/seed.hpp"

namespace ferret {

/// An update in coordinates: all that a client sends.
///
/// Math: delta is about sum over blocks l, bases k of coordinate[l][k] v[l][k]
struct Sketch {
    Seed seed;
    BasisId basis = BasisId::truncated_normal_16;
    std::uint64_t layout_fingerprint = 0;
    std::vector<std::uint32_t> bases_per_block;  ///< K_l
    std::vector<float> coordinates;              ///< gamma, block after block: sum of K_l numbers

    bool operator==(const Sketch&) const = default;

    /// Multiplies every coordinate.
    /// Throws: NonFinite if the factor or a product is not finite; the sketch is then unchanged
    void scale(float factor) {
        const IeeeArithmetic ieee;
        for (const float coordinate : coordinates)
            if (!is_finite(coordinate * factor))
                throw NonFinite("sketch: expected finite coordinates after scaling, got " +
                                std::to_string(coordinate) + " times " + std::to_string(factor));
        for (float& coordinate : coordinates) coordinate *= factor;
    }
};

/// Throws: SketchMismatch if the coordinates are not those of the sketch's blocks, each of which
///         has bases; NonFinite for a coordinate that is not a finite number. `where` begins the
///         message.
inline void check_coordinates(const Sketch& sketch, const std::string& where) {
    std::uint64_t total = 0;
    for (std::size_t block = 0; block < sketch.bases_per_block.size(); ++block) {
        if (sketch.bases_per_block[block] == 0)
            throw SketchMismatch(where + ": expected bases in block " + std::to_string(block) +
                                 ", got none");
        total += sketch.bases_per_block[block];
    }
    if (total != sketch.coordinates.size())
        throw SketchMismatch(where + ": expected " + std::to_string(total) +
                             " coordinates for its blocks, got " +
                             std::to_string(sketch.coordinates.size()));
    for (std::size_t k = 0; k < sketch.coordinates.size(); ++k)
        if (!is_finite(sketch.coordinates[k]))
            throw NonFinite(where + ": expected finite coordinates, got " +
                            std::to_string(sketch.coordinates[k]) + " at " + std::to_string(k));
}

/// Throws: SketchMismatch if the coordinates are not those of its blocks, LayoutMismatch if the
///         sketch belongs to another layout or a block has no bases or more than elements,
///         NonFinite for a coordinate that is not a finite number
inline void check_sketch(const Sketch& sketch, const Layout& layout) {
    if (sketch.layout_fingerprint != layout.fingerprint())
        throw LayoutMismatch("sketch: expected layout fingerprint " +
                             std::to_string(layout.fingerprint()) + ", got " +
                             std::to_string(sketch.layout_fingerprint));
    if (sketch.bases_per_block.size() != layout.block_count())
        throw LayoutMismatch("sketch: expected " + std::to_string(layout.block_count()) +
                             " blocks, got " + std::to_string(sketch.bases_per_block.size()));
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = sketch.bases_per_block[block];
        if (bases == 0 || bases > layout.block_size(block))
            throw LayoutMismatch("sketch: expected 1 to " +
                                 std::to_string(layout.block_size(block)) + " bases in block " +
                                 std::to_string(block) + ", got " + std::to_string(bases));
    }
    check_coordinates(sketch, "sketch");
}

/// Why the coordinates of two sketches do not add: what was expected and what came. Nothing where
/// they do.
inline std::optional<std::string> mismatch(const Sketch& first, const Sketch& other) {
    if (other.seed != first.seed)
        return "expected seed " + std::to_string(first.seed.value) + " round " +
               std::to_string(first.seed.round) + ", got seed " + std::to_string(other.seed.value) +
               " round " + std::to_string(other.seed.round);
    if (other.basis != first.basis)
        return "expected basis " + std::string(basis_name(first.basis)) + ", got " +
               std::string(basis_name(other.basis));
    if (other.layout_fingerprint != first.layout_fingerprint ||
        other.bases_per_block.size() != first.bases_per_block.size())
        return "expected the first sketch's layout, got another";
    if (other.basis != BasisId::sparse_sign) return std::nullopt;
    for (std::size_t block = 0; block < first.bases_per_block.size(); ++block)
        if (other.bases_per_block[block] != first.bases_per_block[block])
            return "expected " + std::to_string(first.bases_per_block[block]) +
                   " sparse-sign bases in block " + std::to_string(block) + ", got " +
                   std::to_string(other.bases_per_block[block]);
    return std::nullopt;
}

/// Whether the sketches' coordinates add.
inline bool can_add(std::span<const Sketch> sketches) {
    return std::none_of(sketches.begin(), sketches.end(), [&](const Sketch& sketch) {
        return mismatch(sketches.front(), sketch).has_value();
    });
}

/// The sketch of the sum of the updates: linearity, from which aggregation follows.
/// Math:   coordinates add, each sketch's times its weight. Where dense sketches have different K_l
///         the shorter ones count as zero beyond their end: basis k does not depend on K_l.
///         SparseSign's does.
/// Shapes: weights: one a sketch, or none, which counts as ones
/// Cost:   O(number of sketches times K)
/// Throws: SketchMismatch if there is no sketch, or not one weight a sketch, if seed, round, basis
///         or layout differ, for SparseSign also if K_l differ, or if a sketch's parts contradict
///         each other; NonFinite if a sum overflows
/// Repro:  added in double in the given order, rounded once
inline Sketch sum(std::span<const Sketch> sketches, std::span<const double> weights = {}) {
    if (sketches.empty()) throw SketchMismatch("sum: expected sketches, got none");
    if (!weights.empty() && weights.size() != sketches.size())
        throw SketchMismatch("sum: expected " + std::to_string(sketches.size()) + " weights, got " +
                             std::to_string(weights.size()));
    const IeeeArithmetic ieee;
    const Sketch& first = sketches.front();
    std::vector<std::uint32_t> bases = first.bases_per_block;
    for (std::size_t i = 0; i < sketches.size(); ++i) {
        const Sketch& sketch = sketches[i];
        const std::string label = "sum: sketch " + std::to_string(i);
        if (const auto problem = mismatch(first, sketch))
            throw SketchMismatch(label + ": " + *problem);
        check_coordinates(sketch, label);
        for (std::size_t block = 0; block < bases.size(); ++block)
            bases[block] = (std::max)(bases[block], sketch.bases_per_block[block]);
    }

    std::uint64_t total = 0;
    for (const std::uint32_t count : bases) total += count;
    std::vector<double> totals(total, 0.0);
    for (std::size_t i = 0; i < sketches.size(); ++i) {
        const Sketch& sketch = sketches[i];
        const double weight = weights.empty() ? 1.0 : weights[i];
        std::size_t from = 0;
        std::size_t to = 0;
        for (std::size_t block = 0; block < bases.size(); ++block) {
            for (std::uint32_t k = 0; k < sketch.bases_per_block[block]; ++k)
                totals[to + k] += weight * static_cast<double>(sketch.coordinates[from + k]);
            from += sketch.bases_per_block[block];
            to += bases[block];
        }
    }
    Sketch result{first.seed, first.basis, first.layout_fingerprint, std::move(bases), {}};
    result.coordinates.reserve(totals.size());
    for (std::size_t k = 0; k < totals.size(); ++k) {
        const auto coordinate = static_cast<float>(totals[k]);
        if (!is_finite(coordinate))
            throw NonFinite("sum: expected finite coordinates, got " + std::to_string(totals[k]) +
                            " at " + std::to_string(k));
        result.coordinates.push_back(coordinate);
    }
    return result;
}

}  // namespace ferret
