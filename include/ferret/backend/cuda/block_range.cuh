#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../host_device.hpp"
#include "cuda.cuh"

namespace ferret::cuda {

/// A block of a layout as kernels see it.
struct BlockRange {
    std::uint64_t begin;
    std::uint64_t size;
};

inline std::vector<BlockRange> block_ranges(const Layout& layout) {
    std::vector<BlockRange> ranges;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        ranges.push_back({layout.block_offset(block), layout.block_size(block)});
    return ranges;
}

/// Tiles of a block of this size.
inline std::uint64_t tiles_of(std::uint64_t block_size) {
    return (block_size + tile_size - 1) / tile_size;
}

/// Elements of a tile of a block from element `begin` on.
FERRET_HOST_DEVICE inline unsigned tile_length(const BlockRange& block, std::uint64_t begin) {
    const std::uint64_t left = block.size - begin;
    return static_cast<unsigned>(left < tile_size ? left : tile_size);
}

}  // namespace ferret::cuda
