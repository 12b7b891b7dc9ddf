#pragma once

#include <cstdint>
#include <ferret/basis/basis.hpp>
#include <ferret/block/budget.hpp>
#include <ferret/sketch.hpp>
#include <span>

#include "federated/model/weights.hpp"

/// What needs a GPU: gpu_projection.cpp where LibTorch and ferret have CUDA. Elsewhere
/// no_gpu_projection.cpp, and all of it throws std::runtime_error.
namespace federated {

/// Throws: std::runtime_error if LibTorch finds no GPU, or the program was built without.
void expect_gpu();

/// ferret's Projector, Reconstructor and fingerprint on the GPU that the tensors are on, in its default stream;
/// scratch memory comes from LibTorch's allocator.
/// Throws: ferret::LayoutMismatch for a tensor elsewhere; what ferret throws
ferret::Sketch project_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                              const ferret::BudgetRule& rule, const Weights& before,
                              const Weights& after, const ferret::Seed& seed);
void reconstruct_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                        std::span<const ferret::Sketch> sketches, const Weights& model,
                        float scale);
void add_basis_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                      const ferret::Seed& seed, std::uint32_t k, const Weights& model, float scale);
std::uint64_t model_fingerprint_on_gpu(const Weights& model);

}  // namespace federated
