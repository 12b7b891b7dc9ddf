#include <stdexcept>

#include "federated/projection/gpu_projection.hpp"

namespace federated {
namespace {

[[noreturn]] void refuse() {
    throw std::runtime_error(
        "device: expected cpu, got cuda; this program was built without CUDA, for want of nvcc or "
        "of a LibTorch that has it");
}

}  // namespace

void expect_gpu() {
    refuse();
}

ferret::Sketch project_on_gpu(const ferret::Layout&, const ferret::Basis&,
                              const ferret::BudgetRule&, const Weights&, const Weights&,
                              const ferret::Seed&) {
    refuse();
}

void reconstruct_on_gpu(const ferret::Layout&, const ferret::Basis&,
                        std::span<const ferret::Sketch>, const Weights&, float) {
    refuse();
}

void add_basis_on_gpu(const ferret::Layout&, const ferret::Basis&, const ferret::Seed&,
                      std::uint32_t, const Weights&, float) {
    refuse();
}

std::uint64_t model_fingerprint_on_gpu(const Weights&) {
    refuse();
}

}  // namespace federated
