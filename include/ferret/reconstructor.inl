#pragma once

#include <string>
#include <utility>

#include "error.hpp"
#include "error_text.hpp"
#include "floating_point.hpp"
#include "reconstructor.hpp"

namespace ferret {

template <ProjectionBackend Backend>
void Reconstructor<Backend>::reconstruct(std::span<const Sketch> sketches, const Shard& shard,
                                         Tensors model, float scale,
                                         std::uint32_t first_basis) const {
    for (const Sketch& sketch : sketches) {
        if (sketch.basis != basis_id(basis_))
            throw SketchMismatch(error_text({"reconstruct: expected basis ", basis_name(basis_),
                                             ", got ", basis_name(sketch.basis)}));
        check_sketch(sketch, layout_);
    }
    if (!is_finite(scale))
        throw NonFinite(error_text({"reconstruct: expected a finite scale, got ", scale}));
    const IeeeArithmetic ieee;
    check_disjoint(model);
    const typename Operations<Backend>::Model writer(backend_, layout_, shard, std::move(model));
    Operations<Backend>::reconstruct(backend_, layout_, basis_, sketches, first_basis, scale,
                                     writer);
}

template <ProjectionBackend Backend>
void Reconstructor<Backend>::add_basis_of(const Seed& seed, std::uint32_t k, Tensors model,
                                          float scale) const {
    if (is_sparse(basis_))
        throw Unsupported(
            error_text({"add_basis: expected a dense basis, got ", basis_name(basis_)}));
    const std::vector<std::uint32_t> one_per_block(layout_.block_count(), 1);
    const Sketch sketch{seed, basis_id(basis_), layout_.fingerprint(), one_per_block,
                        std::vector<float>(layout_.block_count(), 1.0f)};
    reconstruct({&sketch, 1}, Shard::all(layout_), std::move(model), scale, k);
}

}  // namespace ferret
