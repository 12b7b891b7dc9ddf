#include "federated/projection/projection.hpp"

#include <ferret/ferret.hpp>
#include <ferret/interop/torch.hpp>
#include <utility>

#include "federated/projection/gpu_projection.hpp"

namespace federated {
namespace {

bool on_gpu(const Weights& weights) {
    return !weights.empty() && weights.front().is_cuda();
}

}  // namespace

struct Projector::OnCpu {
    ferret::Projector<> project;
};

Projector::Projector(ferret::Layout layout, ferret::Basis basis, ferret::BudgetRule budget)
    : layout_(layout),
      basis_(basis),
      budget_(budget),
      on_cpu_(std::make_shared<OnCpu>(OnCpu{{std::move(layout), basis, budget}})) {}

ferret::Sketch Projector::operator()(const Weights& before, const Weights& after,
                                     const ferret::Seed& seed) const {
    if (on_gpu(before)) return project_on_gpu(layout_, basis_, budget_, before, after, seed);
    return on_cpu_->project(before, after, seed);
}

ferret::Sketch Projector::operator()(const Weights& delta, const ferret::Seed& seed) const {
    return on_cpu_->project(delta, seed);
}

std::vector<double> Projector::shard_squared_norms(const Weights& delta,
                                                   const ferret::Shard& shard) const {
    return on_cpu_->project.shard_squared_norms(delta, shard);
}

ferret::Sketch Projector::project_shard(const Weights& delta, const ferret::Shard& shard,
                                        std::vector<std::uint32_t> bases_per_block,
                                        const ferret::Seed& seed) const {
    return on_cpu_->project.project_shard(delta, shard, std::move(bases_per_block), seed);
}

ferret::PartialNorms Projector::part_squared_norms(const Weights& before, const Weights& after,
                                                   const ferret::Shard& shard) const {
    return on_cpu_->project.part_squared_norms(before, after, shard);
}

ferret::PartialSketch Projector::project_part(const Weights& before, const Weights& after,
                                              const ferret::Shard& shard,
                                              std::vector<std::uint32_t> bases_per_block,
                                              const ferret::Seed& seed) const {
    return on_cpu_->project.project_part(before, after, shard, std::move(bases_per_block), seed);
}

struct Reconstructor::OnCpu {
    ferret::Reconstructor<> reconstruct;
};

Reconstructor::Reconstructor(ferret::Layout layout, ferret::Basis basis)
    : layout_(layout),
      basis_(basis),
      on_cpu_(std::make_shared<OnCpu>(OnCpu{{std::move(layout), basis}})) {}

void Reconstructor::operator()(std::span<const ferret::Sketch> sketches, Weights& model,
                               float scale) const {
    if (on_gpu(model)) return reconstruct_on_gpu(layout_, basis_, sketches, model, scale);
    on_cpu_->reconstruct(sketches, model, scale);
}

void Reconstructor::reconstruct_shard(std::span<const ferret::Sketch> sketches,
                                      const ferret::Shard& shard, Weights& model,
                                      float scale) const {
    on_cpu_->reconstruct.reconstruct_shard(sketches, shard, model, scale);
}

void Reconstructor::add_basis(const ferret::Seed& seed, std::uint32_t k, Weights& model,
                              float scale) const {
    if (on_gpu(model)) return add_basis_on_gpu(layout_, basis_, seed, k, model, scale);
    on_cpu_->reconstruct.add_basis(seed, k, model, scale);
}

}  // namespace federated
