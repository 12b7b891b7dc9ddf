#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "backend/cpu/operations.hpp"
#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "block/shard.hpp"
#include "sketch.hpp"
#include "tensor/tensor.hpp"

namespace ferret {

/// The other side, of server and clients alike: sketches become an update of the model.
template <ProjectionBackend Backend = Cpu>
class Reconstructor {
public:
    Reconstructor(Layout layout, Basis basis, Backend backend = {})
        : layout_(std::move(layout)), basis_(basis), backend_(backend) {}

    const Layout& layout() const { return layout_; }

    /// Adds scale * V gamma to the model in place. delta = before - after, so a server subtracts:
    /// scale is minus its rate.
    /// Shapes: model: the layout's tensors, d elements
    /// Cost:   O(sum K_l d_l) time, O(d) for SparseSign; a tile of memory a thread and O(K)
    /// Throws: LayoutMismatch if sketch or model do not fit the layout or two of the model's tensors
    ///         share memory, SketchMismatch if the sketch is of another basis, NonFinite for a scale
    ///         or coordinate that is not a finite number; the model is then untouched
    /// Repro:  bit-identical for every backend, thread count and tensor cut
    template <MutableTensorList<Backend::space> Model>
    void operator()(const Sketch& sketch, Model&& model, float scale) const {
        reconstruct({&sketch, 1}, Shard::all(layout_), mutable_views_of(model), scale);
    }

    /// Adds scale * the sum over sketches of V gamma, each with bases of its own, in one pass over
    /// the model. The sketches' order is part of the result's bits.
    template <MutableTensorList<Backend::space> Model>
    void operator()(std::span<const Sketch> sketches, Model&& model, float scale) const {
        reconstruct(sketches, Shard::all(layout_), mutable_views_of(model), scale);
    }

    /// The same for the part of the model that this process holds: its elements come out with the
    /// very bits that they have in the whole model.
    template <MutableTensorList<Backend::space> Model>
    void reconstruct_shard(std::span<const Sketch> sketches, const Shard& shard, Model&& model,
                           float scale) const {
        reconstruct(sketches, shard, mutable_views_of(model), scale);
    }

    /// Adds scale * v_k to the model in place: basis k of every block, for algorithms that walk along
    /// one basis at a time.
    /// Cost:   O(d) time
    /// Throws: LayoutMismatch if the model does not fit the layout, NonFinite for a scale that is not
    ///         a finite number, Unsupported for SparseSign, whose bases depend on how many there are;
    ///         the model is then untouched
    /// Repro:  the bits of a sketch whose only coordinate other than zero is 1, for basis k
    template <MutableTensorList<Backend::space> Model>
    void add_basis(const Seed& seed, std::uint32_t k, Model&& model, float scale) const {
        add_basis_of(seed, k, mutable_views_of(model), scale);
    }

private:
    using Tensors = std::vector<MutableTensorView>;

    void reconstruct(std::span<const Sketch> sketches, const Shard& shard, Tensors model,
                     float scale, std::uint32_t first_basis = 0) const;
    void add_basis_of(const Seed& seed, std::uint32_t k, Tensors model, float scale) const;

    Layout layout_;
    Basis basis_;
    Backend backend_;
};

#ifdef FERRET_COMPILED
extern template class Reconstructor<Cpu>;
#endif

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "reconstructor.inl"
#endif
