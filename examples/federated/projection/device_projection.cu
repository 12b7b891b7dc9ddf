#include "federated/projection/device_projection.hpp"

#include <ferret/backend/cuda.cuh>
#include <ferret/protocol/model_fingerprint.cuh>

namespace federated {
namespace {

ferret::Cuda default_stream(std::pmr::memory_resource& scratch) {
    ferret::Cuda cuda;
    cuda.scratch = &scratch;
    return cuda;
}

}  // namespace

ferret::Sketch project_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                                 const ferret::BudgetRule& rule,
                                 std::span<const ferret::DeviceTensor> before,
                                 std::span<const ferret::DeviceTensor> after,
                                 const ferret::Seed& seed, std::pmr::memory_resource& scratch) {
    const ferret::Projector project{layout, basis, rule, default_stream(scratch)};
    return project(before, after, seed);
}

void reconstruct_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                           std::span<const ferret::Sketch> sketches,
                           std::span<const ferret::DeviceTensor> model, float scale,
                           std::pmr::memory_resource& scratch) {
    const ferret::Reconstructor reconstruct{layout, basis, default_stream(scratch)};
    reconstruct(sketches, model, scale);
}

void add_basis_on_device(const ferret::Layout& layout, const ferret::Basis& basis,
                         const ferret::Seed& seed, std::uint32_t k,
                         std::span<const ferret::DeviceTensor> model, float scale,
                         std::pmr::memory_resource& scratch) {
    const ferret::Reconstructor reconstruct{layout, basis, default_stream(scratch)};
    reconstruct.add_basis(seed, k, model, scale);
}

std::uint64_t model_fingerprint_on_device(const ferret::Layout& layout,
                                          std::span<const ferret::DeviceTensor> model,
                                          std::pmr::memory_resource& scratch) {
    return ferret::model_fingerprint(layout, model, default_stream(scratch));
}

}  // namespace federated
