#pragma once

namespace ferret {

/// What a backend does for Projector and Reconstructor. Each backend's operations header
/// specialises it for its own type, with
///   Update(backend, layout, shard, before, after): an update to read, checked to fit
///   Model(backend, layout, shard, tensors): a model to add to, checked to fit
///   squared_norms(backend, layout, update, runs) -> ||Delta_l||^2 over each run of segments
///   segment_sums(backend, layout, basis, update, key, bases_per_block, runs) -> sums of raw values,
///     K_l over each run of segments
///   project(backend, layout, basis, update, key, bases_per_block) -> coordinates
///   reconstruct(backend, layout, basis, sketches, first_basis, scale, model):
///     model += scale * V gamma, the coordinates of each block being those of bases first_basis on
///     (0 for SparseSign)
template <class Backend>
struct Operations;

}  // namespace ferret
