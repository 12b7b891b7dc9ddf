#include "federated/projection/projection.hpp"

#include <ferret/interop/torch.hpp>
#include <utility>

#include "federated/projection/gpu_projection.hpp"

namespace federated {
namespace {

bool on_gpu(const Weights& weights) {
    return !weights.empty() && weights.front().is_cuda();
}

}  // namespace

Projector::Projector(ferret::Layout layout, ferret::Basis basis, ferret::BudgetRule budget)
    : layout_(layout), basis_(basis), budget_(budget), on_cpu_(std::move(layout), basis, budget) {}

ferret::Sketch Projector::operator()(const Weights& before, const Weights& after,
                                     const ferret::Seed& seed) const {
    if (on_gpu(before)) return project_on_gpu(layout_, basis_, budget_, before, after, seed);
    return on_cpu_(before, after, seed);
}

Reconstructor::Reconstructor(ferret::Layout layout, ferret::Basis basis)
    : basis_(basis), on_cpu_(std::move(layout), basis) {}

void Reconstructor::operator()(std::span<const ferret::Sketch> sketches, Weights& model,
                               float scale) const {
    if (on_gpu(model)) return reconstruct_on_gpu(layout(), basis_, sketches, model, scale);
    on_cpu_(sketches, model, scale);
}

void Reconstructor::add_basis(const ferret::Seed& seed, std::uint32_t k, Weights& model,
                              float scale) const {
    if (on_gpu(model)) return add_basis_on_gpu(layout(), basis_, seed, k, model, scale);
    on_cpu_.add_basis(seed, k, model, scale);
}

}  // namespace federated
