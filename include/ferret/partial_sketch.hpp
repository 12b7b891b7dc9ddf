#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "block/segment_run.hpp"
#include "compiled.hpp"
#include "error.hpp"
#include "rng/seed.hpp"
#include "sketch.hpp"

namespace ferret {

/// What a shard of whole segments adds to a sketch. Nothing in it is rounded to float, so that the
/// parts of all shards combine to the very sketch that one process would make of the whole model.
///
/// Math: sums of delta times raw basis values: over the segments with which a block begins together,
///       and over each other segment by itself
struct PartialSketch {
    Seed seed;
    BasisId basis = TruncatedNormal<16>::id;
    std::uint64_t layout_fingerprint = 0;
    std::vector<std::uint32_t> bases_per_block;  ///< K_l, of the whole sketch
    std::vector<SegmentRun> runs;
    std::vector<double> sums;  ///< K_l numbers a run, run after run

    bool operator==(const PartialSketch&) const = default;
};

/// What a shard of whole segments adds to the squared norms of all blocks, in the same way.
struct PartialNorms {
    std::uint64_t layout_fingerprint = 0;
    std::vector<SegmentRun> runs;
    std::vector<double> sums;  ///< one number a run

    bool operator==(const PartialNorms&) const = default;
};

/// The sketch of the whole model from the parts of all its shards.
/// Math:   every basis's segments are added in order in double, as the canonical order has it
/// Shapes: parts: of all shards, in any order; together they hold each segment once
/// Cost:   O(all parts' sums)
/// Throws: SketchMismatch if there is no part, if seed, round, basis or K_l differ, if a segment is
///         missing or there twice, or if a part contradicts itself; LayoutMismatch for a part of
///         another layout; InvalidBudget for K_l that the blocks cannot take; NonFinite for a sum
///         that is not a finite number or a coordinate that overflows
/// Repro:  bit-identical to the Projector's sketch of the whole model
Sketch combine(const Layout& layout, const Basis& basis, std::span<const PartialSketch> parts);

/// ||Delta_l||^2 of all blocks from the parts of all shards: what `allocate` needs.
/// Throws: SketchMismatch if a segment is missing or there twice, or if a part contradicts itself;
///         LayoutMismatch for a part of another layout; NonFinite for a sum that is not a finite
///         number
/// Repro:  bit-identical to the norms that the Projector has of the whole model
std::vector<double> combine(const Layout& layout, std::span<const PartialNorms> parts);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "partial_sketch.inl"
#endif
