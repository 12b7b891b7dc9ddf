#pragma once

#include <cstdint>
#include <ferret/basis/basis.hpp>
#include <ferret/block/budget.hpp>
#include <ferret/block/layout.hpp>
#include <ferret/block/shard.hpp>
#include <ferret/partial_sketch.hpp>
#include <ferret/sketch.hpp>
#include <memory>
#include <span>
#include <vector>

#include "federated/model/weights.hpp"

namespace federated {

/// ferret::Projector over LibTorch tensors, on the device that they are on; shards are the CPU's. The
/// library's kernels are compiled in projection.cpp alone. Sketches are the host's.
/// Throws: as ferret's; std::runtime_error for tensors on a GPU in a program built without
/// Repro:  the same coordinates on every device, as ferret's
class Projector {
public:
    Projector(ferret::Layout layout, ferret::Basis basis, ferret::BudgetRule budget);

    ferret::Sketch operator()(const Weights& before, const Weights& after,
                              const ferret::Seed& seed) const;

    /// An update itself, on the processor.
    ferret::Sketch operator()(const Weights& delta, const ferret::Seed& seed) const;

    std::vector<double> shard_squared_norms(const Weights& delta, const ferret::Shard& shard) const;
    ferret::Sketch project_shard(const Weights& delta, const ferret::Shard& shard,
                                 std::vector<std::uint32_t> bases_per_block,
                                 const ferret::Seed& seed) const;
    ferret::PartialNorms part_squared_norms(const Weights& before, const Weights& after,
                                            const ferret::Shard& shard) const;
    ferret::PartialSketch project_part(const Weights& before, const Weights& after,
                                       const ferret::Shard& shard,
                                       std::vector<std::uint32_t> bases_per_block,
                                       const ferret::Seed& seed) const;

private:
    struct OnCpu;

    ferret::Layout layout_;
    ferret::Basis basis_;
    ferret::BudgetRule budget_;
    std::shared_ptr<const OnCpu> on_cpu_;
};

/// ferret::Reconstructor over LibTorch tensors, likewise.
class Reconstructor {
public:
    Reconstructor(ferret::Layout layout, ferret::Basis basis);

    const ferret::Layout& layout() const { return layout_; }

    void operator()(const ferret::Sketch& sketch, Weights& model, float scale) const {
        (*this)(std::span(&sketch, 1), model, scale);
    }
    void operator()(std::span<const ferret::Sketch> sketches, Weights& model, float scale) const;
    void reconstruct_shard(std::span<const ferret::Sketch> sketches, const ferret::Shard& shard,
                           Weights& model, float scale) const;
    void add_basis(const ferret::Seed& seed, std::uint32_t k, Weights& model, float scale) const;

private:
    struct OnCpu;

    ferret::Layout layout_;
    ferret::Basis basis_;
    std::shared_ptr<const OnCpu> on_cpu_;
};

}  // namespace federated
