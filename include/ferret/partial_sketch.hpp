#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backend/coordinates.hpp"
#include "basis/basis.hpp"
#include "block/budget.hpp"
#include "block/layout.hpp"
#include "block/segment_run.hpp"
#include "block/tiling.hpp"
#include "error.hpp"
#include "floating_point.hpp"
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
    BasisId basis = BasisId::truncated_normal_16;
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

namespace detail {

/// The runs and sums of each part.
/// Throws: LayoutMismatch if a part belongs to another layout
template <class Part>
std::vector<RunSums> run_sums_of(const Layout& layout, std::span<const Part> parts) {
    std::vector<RunSums> shards;
    for (const Part& part : parts) {
        if (part.layout_fingerprint != layout.fingerprint())
            throw LayoutMismatch("combine: part " + std::to_string(shards.size()) +
                                 ": expected layout fingerprint " +
                                 std::to_string(layout.fingerprint()) + ", got " +
                                 std::to_string(part.layout_fingerprint));
        shards.push_back({part.runs, part.sums});
    }
    return shards;
}

}  // namespace detail

/// The sketch of the whole model from the parts of all its shards.
/// Math:   every basis's segments are added in order in double, as the canonical order has it
/// Shapes: parts: of all shards, in any order; together they hold each segment once
/// Cost:   O(all parts' sums)
/// Throws: SketchMismatch if there is no part, if seed, round, basis or K_l differ, if a segment is
///         missing or there twice, or if a part contradicts itself; LayoutMismatch for a part of
///         another layout; InvalidBudget for K_l that the blocks cannot take; NonFinite for a sum
///         that is not a finite number or a coordinate that overflows
/// Repro:  bit-identical to the Projector's sketch of the whole model
inline Sketch combine(const Layout& layout, const Basis& basis,
                      std::span<const PartialSketch> parts) {
    if (parts.empty()) throw SketchMismatch("combine: expected parts, got none");
    const std::vector<RunSums> shards = detail::run_sums_of(layout, parts);
    const PartialSketch& first = parts.front();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const PartialSketch& part = parts[i];
        const std::string label = "combine: part " + std::to_string(i) + ": expected ";
        if (part.basis != basis_id(basis))
            throw SketchMismatch(label + "basis " + std::string(basis_name(basis)) + ", got " +
                                 std::string(basis_name(part.basis)));
        if (part.seed != first.seed)
            throw SketchMismatch(label + "seed " + std::to_string(first.seed.value) + " round " +
                                 std::to_string(first.seed.round) + ", got seed " +
                                 std::to_string(part.seed.value) + " round " +
                                 std::to_string(part.seed.round));
        if (part.bases_per_block != first.bases_per_block)
            throw SketchMismatch(label + "as many bases in each block as part 0 has, got others");
    }
    const IeeeArithmetic ieee;
    const std::vector<double> totals = add_runs(
        layout, segment_sizes(layout, basis, first.bases_per_block), first.bases_per_block, shards);
    Sketch sketch{first.seed, first.basis, first.layout_fingerprint, first.bases_per_block,
                  coordinates_of(layout, basis, totals, first.bases_per_block)};
    check_overflow(std::span<const float>(sketch.coordinates), "coordinate");
    return sketch;
}

/// ||Delta_l||^2 of all blocks from the parts of all shards: what `allocate` needs.
/// Throws: SketchMismatch if a segment is missing or there twice, or if a part contradicts itself;
///         LayoutMismatch for a part of another layout; NonFinite for a sum that is not a finite
///         number
/// Repro:  bit-identical to the norms that the Projector has of the whole model
inline std::vector<double> combine(const Layout& layout, std::span<const PartialNorms> parts) {
    const std::vector<RunSums> shards = detail::run_sums_of(layout, parts);
    const IeeeArithmetic ieee;
    return add_runs(layout, norm_segment_sizes(layout),
                    std::vector<std::uint32_t>(layout.block_count(), 1), shards);
}

}  // namespace ferret
