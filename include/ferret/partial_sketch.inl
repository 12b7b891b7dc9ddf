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
#include "error_text.hpp"
#include "floating_point.hpp"
#include "partial_sketch.hpp"
#include "rng/seed.hpp"
#include "sketch.hpp"

namespace ferret {

namespace detail {

/// The runs and sums of each part.
/// Throws: LayoutMismatch if a part belongs to another layout
template <class Part>
std::vector<RunSums> run_sums_of(const Layout& layout, std::span<const Part> parts) {
    std::vector<RunSums> shards;
    for (const Part& part : parts) {
        if (part.layout_fingerprint != layout.fingerprint())
            throw LayoutMismatch(
                error_text({"combine: part ", shards.size(), ": expected layout fingerprint ",
                            layout.fingerprint(), ", got ", part.layout_fingerprint}));
        shards.push_back({part.runs, part.sums});
    }
    return shards;
}

}  // namespace detail

FERRET_API Sketch combine(const Layout& layout, const Basis& basis,
                          std::span<const PartialSketch> parts) {
    if (parts.empty()) throw SketchMismatch("combine: expected parts, got none");
    const std::vector<RunSums> shards = detail::run_sums_of(layout, parts);
    const PartialSketch& first = parts.front();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const PartialSketch& part = parts[i];
        const std::string label = "combine: part " + std::to_string(i) + ": expected ";
        if (part.basis != basis_id(basis))
            throw SketchMismatch(
                error_text({label, "basis ", basis_name(basis), ", got ", basis_name(part.basis)}));
        if (part.seed != first.seed)
            throw SketchMismatch(
                error_text({label, "seed ", first.seed.value, " round ", first.seed.round,
                            ", got seed ", part.seed.value, " round ", part.seed.round}));
        if (part.bases_per_block != first.bases_per_block)
            throw SketchMismatch(
                error_text({label, "as many bases in each block as part 0 has, got others"}));
    }
    const IeeeArithmetic ieee;
    const std::vector<double> totals = add_runs(
        layout, segment_sizes(layout, basis, first.bases_per_block), first.bases_per_block, shards);
    Sketch sketch{first.seed, first.basis, first.layout_fingerprint, first.bases_per_block,
                  coordinates_of(layout, basis, totals, first.bases_per_block)};
    check_overflow(std::span<const float>(sketch.coordinates), "coordinate");
    return sketch;
}

FERRET_API std::vector<double> combine(const Layout& layout, std::span<const PartialNorms> parts) {
    const std::vector<RunSums> shards = detail::run_sums_of(layout, parts);
    const IeeeArithmetic ieee;
    return add_runs(layout, norm_segment_sizes(layout),
                    std::vector<std::uint32_t>(layout.block_count(), 1), shards);
}

}  // namespace ferret
