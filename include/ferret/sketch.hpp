#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "compiled.hpp"
#include "error.hpp"
#include "rng/seed.hpp"

namespace ferret {

/// An update in coordinates: all that a client sends.
///
/// Math: delta is about sum over blocks l, bases k of coordinate[l][k] v[l][k]
struct Sketch {
    Seed seed;
    BasisId basis = TruncatedNormal<16>::id;
    std::uint64_t layout_fingerprint = 0;
    std::vector<std::uint32_t> bases_per_block;  ///< K_l
    std::vector<float> coordinates;              ///< gamma, block after block: sum of K_l numbers

    bool operator==(const Sketch&) const = default;

    /// Multiplies every coordinate.
    /// Throws: NonFinite if the factor or a product is not finite; the sketch is then unchanged
    void scale(float factor);
};

/// Throws: SketchMismatch if the coordinates are not those of the sketch's blocks, each of which
///         has bases; NonFinite for a coordinate that is not a finite number. `where` begins the
///         message.
void check_coordinates(const Sketch& sketch, const std::string& where);

/// Throws: SketchMismatch if the coordinates are not those of its blocks, LayoutMismatch if the
///         sketch belongs to another layout or a block has no bases or more than elements,
///         NonFinite for a coordinate that is not a finite number
void check_sketch(const Sketch& sketch, const Layout& layout);

/// Why the coordinates of two sketches do not add: what was expected and what came. Nothing where
/// they do.
std::optional<std::string> mismatch(const Sketch& first, const Sketch& other);

/// Whether the sketches' coordinates add.
bool can_add(std::span<const Sketch> sketches);

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
Sketch sum(std::span<const Sketch> sketches, std::span<const double> weights = {});

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "sketch.inl"
#endif
