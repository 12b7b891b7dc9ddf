#pragma once

#include <optional>

#include "federated/projection/projection.hpp"
#include "federated/transport/transport.hpp"

namespace federated {

/// Projector and Reconstructor of several processes that hold the same model, on the CPU, and share the
/// work: each reads and writes its shard, of whole segments. All call the same members in the same order.
/// Repro: sketch and model are, bit for bit, those of one process
class ShardedProjection {
public:
    /// `processes` outlive this object.
    ShardedProjection(ferret::Layout layout, ferret::Basis basis, ferret::BudgetRule budget,
                      Transport& processes);

    /// The sketch, in the first of the processes; nothing in the others.
    /// Cost:   O(sum K_l d_l) time by the number of processes; between them 8 bytes a basis and segment
    /// Throws: in all processes, if one finds an element that is not finite: ferret::NonFinite
    std::optional<ferret::Sketch> project(const Weights& before, const Weights& after,
                                          const ferret::Seed& seed) const;

    /// Makes sure that all processes trained the same model, finite or not.
    /// Throws: std::runtime_error, in all of them, if they did not
    void expect_alike(bool finite, const Weights& model) const;

    /// Cost: the reconstruction's time by the number of processes; between them the model's bytes, twice
    /// Throws: as ferret::Reconstructor
    void rebuild(std::span<const ferret::Sketch> sketches, Weights& model, float scale) const;

private:
    ferret::Shard own_shard(std::span<const std::uint64_t> segment_sizes, std::size_t rank) const;
    std::vector<std::uint32_t> agree_on_bases(const Weights& before, const Weights& after) const;

    ferret::Layout layout_;
    ferret::Basis basis_;
    ferret::BudgetRule budget_;
    Projector project_;
    Reconstructor reconstruct_;
    Transport& processes_;
};

}  // namespace federated
