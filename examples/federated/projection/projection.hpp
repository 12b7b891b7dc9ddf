#pragma once

#include <cstdint>
#include <ferret/ferret.hpp>
#include <span>

#include "federated/model/weights.hpp"

namespace federated {

/// ferret::Projector over LibTorch tensors, on the device that they are on. Sketches are the host's.
/// Throws: as ferret's; std::runtime_error for tensors on a GPU in a program built without
/// Repro:  the same coordinates on every device, as ferret's
class Projector {
public:
    Projector(ferret::Layout layout, ferret::Basis basis, ferret::BudgetRule budget);

    ferret::Sketch operator()(const Weights& before, const Weights& after,
                              const ferret::Seed& seed) const;

private:
    ferret::Layout layout_;
    ferret::Basis basis_;
    ferret::BudgetRule budget_;
    ferret::Projector<> on_cpu_;
};

/// ferret::Reconstructor over LibTorch tensors, likewise.
class Reconstructor {
public:
    Reconstructor(ferret::Layout layout, ferret::Basis basis);

    const ferret::Layout& layout() const { return on_cpu_.layout(); }

    void operator()(const ferret::Sketch& sketch, Weights& model, float scale) const {
        (*this)(std::span(&sketch, 1), model, scale);
    }
    void operator()(std::span<const ferret::Sketch> sketches, Weights& model, float scale) const;
    void add_basis(const ferret::Seed& seed, std::uint32_t k, Weights& model, float scale) const;

private:
    ferret::Basis basis_;
    ferret::Reconstructor<> on_cpu_;
};

}  // namespace federated
