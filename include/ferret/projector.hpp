#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/cpu/operations.hpp"
#include "basis/basis.hpp"
#include "block/budget.hpp"
#include "block/layout.hpp"
#include "block/shard.hpp"
#include "floating_point.hpp"
#include "sketch.hpp"
#include "tensor/tensor.hpp"

namespace ferret {

/// The client's side: an update becomes a sketch.
template <class Backend = Cpu>
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

    /// ||Delta_l||^2 of the part of every block that the shard holds. Summed over all shards these
    /// are what `allocate` needs.
    /// Throws: LayoutMismatch, NonFinite
    template <TensorList<Backend::space> Delta>
    std::vector<double> shard_squared_norms(const Delta& delta, const Shard& shard) const {
        const IeeeArithmetic ieee;
        const Update update(backend_, layout_, shard, views_of(delta), std::nullopt);
        return Operations<Backend>::squared_norms(backend_, layout_, update);
    }

    /// Projects the part of delta that this process holds. The sum of all shards' sketches is the
    /// sketch of the whole, up to the rounding of their coordinates to float.
    /// Shapes: delta: the shard's tensors; bases_per_block: the K_l that all shards agreed on
    /// Throws: LayoutMismatch, InvalidBudget, NonFinite
    template <TensorList<Backend::space> Delta>
    Sketch project_shard(const Delta& delta, const Shard& shard,
                         std::vector<std::uint32_t> bases_per_block, const Seed& seed) const {
        check_bases(bases_per_block);
        const IeeeArithmetic ieee;
        const Update update(backend_, layout_, shard, views_of(delta), std::nullopt);
        return project(update, std::move(bases_per_block), seed);
    }

private:
    using Update = typename Operations<Backend>::Update;

    Sketch project(std::vector<TensorView> before, std::optional<std::vector<TensorView>> after,
                   const Seed& seed) const {
        const IeeeArithmetic ieee;
        const Shard whole = Shard::all(layout_);
        const Update update(backend_, layout_, whole, std::move(before), std::move(after));
        std::vector<double> norms;
        if (depends_on_update(rule_))
            norms = Operations<Backend>::squared_norms(backend_, layout_, update);
        return project(update, allocate(rule_, layout_, norms), seed);
    }

    Sketch project(const Update& update, std::vector<std::uint32_t> bases_per_block,
                   const Seed& seed) const {
        const BasisId id = basis_id(basis_);
        Sketch sketch{seed, id, layout_.fingerprint(), std::move(bases_per_block), {}};
        sketch.coordinates = Operations<Backend>::project(
            backend_, layout_, basis_, update, basis_key(seed, static_cast<std::uint32_t>(id)),
            sketch.bases_per_block);
        check_overflow(sketch);
        return sketch;
    }

    void check_bases(std::span<const std::uint32_t> bases_per_block) const {
        if (bases_per_block.size() != layout_.block_count())
            throw LayoutMismatch("bases per block: expected " +
                                 std::to_string(layout_.block_count()) + " numbers, got " +
                                 std::to_string(bases_per_block.size()));
        for (std::size_t block = 0; block < bases_per_block.size(); ++block)
            if (bases_per_block[block] < fewest_bases(layout_.block_size(block)) ||
                bases_per_block[block] > most_bases(layout_.block_size(block)))
                throw InvalidBudget("bases per block: expected " +
                                    std::to_string(fewest_bases(layout_.block_size(block))) +
                                    " to " + std::to_string(most_bases(layout_.block_size(block))) +
                                    " in block " + std::to_string(block) + ", got " +
                                    std::to_string(bases_per_block[block]));
    }

    static void check_overflow(const Sketch& sketch) {
        for (std::size_t k = 0; k < sketch.coordinates.size(); ++k)
            if (!is_finite(sketch.coordinates[k]))
                throw NonFinite("project: coordinate " + std::to_string(k) +
                                " overflows float: the update is too large");
    }

    Layout layout_;
    Basis basis_;
    BudgetRule rule_;
    Backend backend_;
};

}  // namespace ferret
