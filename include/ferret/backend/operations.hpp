#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "../basis/basis.hpp"
#include "../block/layout.hpp"
#include "../block/segment_run.hpp"
#include "../rng/philox.hpp"
#include "../sketch.hpp"
#include "../tensor/tensor.hpp"

namespace ferret {

/// What a backend does for Projector and Reconstructor. Each backend's operations header specialises it
/// for its own type, with the functions that ProjectionBackend asks for and two classes:
///   Update(backend, layout, shard, before, after): an update to read, checked to fit; its
///     check_finite() throws NonFinite naming the first element that is not finite, if there is one
///   Model(backend, layout, shard, tensors): a model to add to, checked to fit
template <class Backend>
struct Operations;

/// A backend: where tensors lie, and what can be computed there. Checks of what comes out are Projector's
/// and Reconstructor's.
///   squared_norms  ||Delta_l||^2 over each run of segments
///   segment_sums   sums of products with raw values, K_l over each run of segments
///   project        coordinates
///   reconstruct    model += scale * V gamma, the coordinates of each block being those of bases
///                  first_basis on (0 for a sparse family)
template <class B>
concept ProjectionBackend = std::copyable<B> &&
    requires(const B& backend, const Layout& layout, const Basis& basis,
             const typename Operations<B>::Update& update,
             const typename Operations<B>::Model& model, const PhiloxKey& key,
             std::span<const std::uint32_t> bases_per_block, std::span<const SegmentRun> runs,
             std::span<const Sketch> sketches, std::uint32_t first_basis, float scale) {
    requires std::same_as<decltype(B::space), const MemorySpace>;
    {
        Operations<B>::squared_norms(backend, layout, update, runs)
        } -> std::same_as<std::vector<double>>;
    {
        Operations<B>::segment_sums(backend, layout, basis, update, key, bases_per_block, runs)
        } -> std::same_as<std::vector<double>>;
    {
        Operations<B>::project(backend, layout, basis, update, key, bases_per_block)
        } -> std::same_as<std::vector<float>>;
    Operations<B>::reconstruct(backend, layout, basis, sketches, first_basis, scale, model);
};

}  // namespace ferret
