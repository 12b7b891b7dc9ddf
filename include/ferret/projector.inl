#pragma once

#include <span>
#include <utility>

#include "backend/coordinates.hpp"
#include "block/segment_run.hpp"
#include "block/tiling.hpp"
#include "floating_point.hpp"
#include "projector.hpp"

namespace ferret {

template <ProjectionBackend Backend>
Sketch Projector<Backend>::project(Tensors before, std::optional<Tensors> after,
                                   const Seed& seed) const {
    const IeeeArithmetic ieee;
    const Shard whole = Shard::all(layout_);
    const Update update(backend_, layout_, whole, std::move(before), std::move(after));
    std::vector<double> norms;
    if (depends_on_update(rule_)) norms = squared_norms(update);
    return project(update, allocate(rule_, layout_, norms), seed);
}

template <ProjectionBackend Backend>
Sketch Projector<Backend>::project(const Update& update, std::vector<std::uint32_t> bases_per_block,
                                   const Seed& seed) const {
    const BasisId id = basis_id(basis_);
    Sketch sketch{seed, id, layout_.fingerprint(), std::move(bases_per_block), {}};
    sketch.coordinates = Operations<Backend>::project(
        backend_, layout_, basis_, update, basis_key(seed, static_cast<std::uint32_t>(id)),
        sketch.bases_per_block);
    check_sums(sketch.coordinates, update);
    check_overflow(std::span<const float>(sketch.coordinates), "coordinate");
    return sketch;
}

template <ProjectionBackend Backend>
Sketch Projector<Backend>::project_shard_of(Tensors delta, const Shard& shard,
                                            std::vector<std::uint32_t> bases_per_block,
                                            const Seed& seed) const {
    check_bases(layout_, bases_per_block);
    const IeeeArithmetic ieee;
    const Update update(backend_, layout_, shard, std::move(delta), std::nullopt);
    return project(update, std::move(bases_per_block), seed);
}

template <ProjectionBackend Backend>
std::vector<double> Projector<Backend>::squared_norms(const Update& update) const {
    std::vector<double> norms = Operations<Backend>::squared_norms(
        backend_, layout_, update, whole_runs(layout_, norm_segment_sizes(layout_)));
    check_sums(norms, update);
    return norms;
}

template <ProjectionBackend Backend>
std::vector<double> Projector<Backend>::squared_norms_of(Tensors delta, const Shard& shard) const {
    const IeeeArithmetic ieee;
    const Update update(backend_, layout_, shard, std::move(delta), std::nullopt);
    return squared_norms(update);
}

template <ProjectionBackend Backend>
PartialSketch Projector<Backend>::project_segments(Tensors before, std::optional<Tensors> after,
                                                   const Shard& shard,
                                                   std::vector<std::uint32_t> bases_per_block,
                                                   const Seed& seed) const {
    const std::vector<std::uint64_t> sizes = segment_sizes(layout_, basis_, bases_per_block);
    const IeeeArithmetic ieee;
    const Update update(backend_, layout_, shard, std::move(before), std::move(after));
    const BasisId id = basis_id(basis_);
    PartialSketch part{seed,
                       id,
                       layout_.fingerprint(),
                       std::move(bases_per_block),
                       shard_runs(layout_, sizes, shard),
                       {}};
    part.sums = Operations<Backend>::segment_sums(backend_, layout_, basis_, update,
                                                  basis_key(seed, static_cast<std::uint32_t>(id)),
                                                  part.bases_per_block, part.runs);
    check_sums(part.sums, update);
    check_overflow(std::span<const double>(part.sums), "sum");
    return part;
}

template <ProjectionBackend Backend>
PartialNorms Projector<Backend>::segment_norms(Tensors before, std::optional<Tensors> after,
                                               const Shard& shard) const {
    const IeeeArithmetic ieee;
    const Update update(backend_, layout_, shard, std::move(before), std::move(after));
    PartialNorms part{
        layout_.fingerprint(), shard_runs(layout_, norm_segment_sizes(layout_), shard), {}};
    part.sums = Operations<Backend>::squared_norms(backend_, layout_, update, part.runs);
    check_sums(part.sums, update);
    return part;
}

}  // namespace ferret
