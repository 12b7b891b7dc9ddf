#pragma once

#include <cstdint>
#include <ferret/block/budget.hpp>
#include <ferret/sketch.hpp>
#include <ferret/tensor/device_tensor.hpp>
#include <memory_resource>
#include <span>

/// ferret's GPU backend behind plain functions, compiled by nvcc without a header of LibTorch. All of
/// it runs in the device's default stream, which is LibTorch's as well.
namespace federated {

/// ferret::Projector<ferret::Cuda>.
ferret::Sketch project_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                                 const ferret::BudgetRule& rule,
                                 std::span<const ferret::DeviceTensor> before,
                                 std::span<const ferret::DeviceTensor> after,
                                 const ferret::Seed& seed, std::pmr::memory_resource& scratch);

/// ferret::Reconstructor<ferret::Cuda>, queued in the stream.
void reconstruct_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                           std::span<const ferret::Sketch> sketches,
                           std::span<const ferret::DeviceTensor> model, float scale,
                           std::pmr::memory_resource& scratch);
void add_basis_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                         const ferret::Seed& seed, std::uint32_t k,
                         std::span<const ferret::DeviceTensor> model, float scale,
                         std::pmr::memory_resource& scratch);

/// ferret::model_fingerprint.
std::uint64_t model_fingerprint_on_device(const ferret::Layout& layout,
                                          std::span<const ferret::DeviceTensor> model,
                                          std::pmr::memory_resource& scratch);

}  // namespace federated
