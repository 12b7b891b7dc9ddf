#pragma once

#include <cstdint>
#include <ferret/ferret.hpp>
#include <span>
#include <string>

#include "federation/weights.hpp"

/// What needs a GPU: gpu.cpp where LibTorch and ferret have CUDA. Elsewhere no_gpu.cpp, and all of it
/// throws std::runtime_error.
namespace fed_round {

/// The GPU's name.
/// Throws: std::runtime_error if there is none
std::string gpu_name();

/// ferret::Projector and ferret::Reconstructor on the GPU that the tensors are on, in its default
/// stream; scratch memory comes from LibTorch's allocator.
/// Throws: ferret::LayoutMismatch for a tensor elsewhere; what ferret throws
ferret::Sketch project_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                              const ferret::BudgetRule& rule, const fed_llm::Weights& before,
                              const fed_llm::Weights& after, const ferret::Seed& seed);
void reconstruct_on_gpu(const ferret::Layout& layout, const ferret::Basis& basis,
                        std::span<const ferret::Sketch> sketches, const fed_llm::Weights& model,
                        float scale);

/// The most memory in use at once since the last reset, in bytes: LibTorch's, ferret's scratch
/// included; not the driver's own, nor what the allocator holds without use.
std::int64_t peak_gpu_memory();
void reset_peak_gpu_memory();

/// Gives back what LibTorch's allocator holds without use, so that another round starts afresh.
void release_unused_gpu_memory();

}  // namespace fed_round
