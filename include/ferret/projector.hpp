#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "backend/cpu/operations.hpp"
#include "basis/basis.hpp"
#include "block/budget.hpp"
#include "block/layout.hpp"
#include "block/shard.hpp"
#include "partial_sketch.hpp"
#include "sketch.hpp"
#include "tensor/tensor.hpp"

namespace ferret {

/// The client's side: an update becomes a sketch.
template <ProjectionBackend Backend = Cpu>
class Projector {
public:
    /// Throws: InvalidBudget if the rule's K is under two bases a block or over d
    Projector(Layout layout, Basis basis, BudgetRule rule, Backend backend = {})
        : layout_(std::move(layout)), basis_(basis), rule_(rule), backend_(backend) {
        check_total(layout_, total_of(rule_));
    }

    const Layout& layout() const { return layout_; }

    /// Projects delta = before - after onto the bases of the seed, without ever storing delta.
    /// Math:   gamma_l = V_l^T Delta_l / (rho_l K_l),  rho_l = E[v^2]   (paper, eq. 8)
    /// Shapes: before, after: the layout's tensors, d elements each -> K coordinates
    /// Cost:   O(sum K_l d_l) time, O(d) for SparseSign; a tile of memory a thread and O(K)
    /// Throws: LayoutMismatch if the tensors do not fit the layout; NonFinite naming tensor and index
    /// Repro:  identical for every backend, thread count and tensor cut
    template <TensorList<Backend::space> Before, TensorList<Backend::space> After>
    Sketch operator()(const Before& before, const After& after, const Seed& seed) const {
        return project(views_of(before), views_of(after), seed);
    }

    /// Projects delta itself.
    template <TensorList<Backend::space> Delta>
    Sketch operator()(const Delta& delta, const Seed& seed) const {
        return project(views_of(delta), std::nullopt, seed);
    }

    /// What the segments that this process holds add to the sketch of the whole model.
    /// `combine` makes that very sketch of all processes' parts.
    /// Shapes: delta, or before and after: the shard's tensors; shard: of whole segments, as
    ///         `Shard::whole_segments` gives one; bases_per_block: the K_l that all shards agreed on
    /// Cost:   memory K_l numbers for each block whose beginning the shard holds, and for each
    ///         segment of the others
    /// Throws: LayoutMismatch, also for a shard that holds a part of a segment; InvalidBudget,
    ///         NonFinite
    /// Repro:  identical for every backend, thread count and tensor cut
    template <TensorList<Backend::space> Delta>
    PartialSketch project_part(const Delta& delta, const Shard& shard,
                               std::vector<std::uint32_t> bases_per_block, const Seed& seed) const {
        return project_segments(views_of(delta), std::nullopt, shard, std::move(bases_per_block),
                                seed);
    }
    template <TensorList<Backend::space> Before, TensorList<Backend::space> After>
    PartialSketch project_part(const Before& before, const After& after, const Shard& shard,
                               std::vector<std::uint32_t> bases_per_block, const Seed& seed) const {
        return project_segments(views_of(before), views_of(after), shard,
                                std::move(bases_per_block), seed);
    }

    /// What the segments that this process holds add to ||Delta_l||^2 of every block: of all processes'
    /// parts `combine` makes what `allocate` needs, so that their K_l are the whole model's.
    /// Shapes: delta, or before and after: the shard's tensors; shard: of whole segments of
    ///         norm_segment_sizes()
    /// Throws: LayoutMismatch, also for a shard that holds a part of a segment; NonFinite
    /// Repro:  identical for every backend, thread count and tensor cut
    template <TensorList<Backend::space> Delta>
    PartialNorms part_squared_norms(const Delta& delta, const Shard& shard) const {
        return segment_norms(views_of(delta), std::nullopt, shard);
    }
    template <TensorList<Backend::space> Before, TensorList<Backend::space> After>
    PartialNorms part_squared_norms(const Before& before, const After& after,
                                    const Shard& shard) const {
        return segment_norms(views_of(before), views_of(after), shard);
    }

    /// ||Delta_l||^2 of the part of every block that the shard holds, which may be any. Summed over all
    /// shards these are what `allocate` needs, up to rounding.
    /// Throws: LayoutMismatch, NonFinite
    template <TensorList<Backend::space> Delta>
    std::vector<double> shard_squared_norms(const Delta& delta, const Shard& shard) const {
        return squared_norms_of(views_of(delta), shard);
    }

    /// Projects the part of delta that this process holds, which may be any. The sum of all shards'
    /// sketches is the sketch of the whole, up to the rounding of their coordinates to float.
    /// Shapes: delta: the shard's tensors; bases_per_block: the K_l that all shards agreed on
    /// Throws: LayoutMismatch, InvalidBudget, NonFinite
    template <TensorList<Backend::space> Delta>
    Sketch project_shard(const Delta& delta, const Shard& shard,
                         std::vector<std::uint32_t> bases_per_block, const Seed& seed) const {
        return project_shard_of(views_of(delta), shard, std::move(bases_per_block), seed);
    }

private:
    using Update = typename Operations<Backend>::Update;
    using Tensors = std::vector<TensorView>;

    Sketch project(Tensors before, std::optional<Tensors> after, const Seed& seed) const;
    Sketch project(const Update& update, std::vector<std::uint32_t> bases_per_block,
                   const Seed& seed) const;
    Sketch project_shard_of(Tensors delta, const Shard& shard,
                            std::vector<std::uint32_t> bases_per_block, const Seed& seed) const;
    std::vector<double> squared_norms(const Update& update) const;
    std::vector<double> squared_norms_of(Tensors delta, const Shard& shard) const;
    PartialSketch project_segments(Tensors before, std::optional<Tensors> after, const Shard& shard,
                                   std::vector<std::uint32_t> bases_per_block,
                                   const Seed& seed) const;
    PartialNorms segment_norms(Tensors before, std::optional<Tensors> after,
                               const Shard& shard) const;

    Layout layout_;
    Basis basis_;
    BudgetRule rule_;
    Backend backend_;
};

#ifdef FERRET_COMPILED
extern template class Projector<Cpu>;
#endif

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "projector.inl"
#endif
