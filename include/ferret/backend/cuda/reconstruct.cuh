#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "add_dense.cuh"
#include "add_sparse.cuh"
#include "block_range.cuh"
#include "device_sketches.cuh"
#include "launch.cuh"
#include "memory.cuh"
#include "model_tiles.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// model += scale * sum over sketches of V gamma, V being the bases from first_basis on, queued on
/// the stream.
/// Throws: NonFinite, before anything is written; DeviceError
/// Repro:  bit-identical to the CPU's
inline void reconstruct(const Cuda& cuda, const Layout& layout, const Basis& basis,
                        std::span<const Sketch> sketches, std::uint32_t first_basis, float scale,
                        const Model& model) {
    if (sketches.empty()) return;
    std::vector<std::uint64_t> first_tile;
    std::uint64_t tile_count = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        first_tile.push_back(tile_count);
        tile_count += tiles_of(layout.block_size(block));
    }
    const DeviceArray<BlockRange> ranges(cuda, block_ranges(layout));
    const DeviceArray<std::uint64_t> tiles(cuda, first_tile);
    const TilesView view{ranges.data(), tiles.data(),
                         static_cast<std::uint32_t>(layout.block_count())};
    visit_basis(basis, [&]<class B>(const B&) {
        const DeviceSketches on_device(cuda, sketches, first_basis, scale,
                                       amplitudes_of(layout, basis));
        if constexpr (DenseBasis<B>) {
            const DeviceArray<typename B::Block> laws(cuda, laws_of<B>(layout));
            launch(cuda, tile_count,
                   AddDense<B>{view, laws.data(), on_device.view(), model.view()});
        } else {
            launch(cuda, tile_count, AddSparse{view, on_device.view(), model.view()});
        }
    });
}

}  // namespace ferret::cuda
