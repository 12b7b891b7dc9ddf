#pragma once

#include <cstdint>

#include "../../block/tiling.hpp"
#include "block_range.cuh"
#include "launch.cuh"

namespace ferret::cuda {

/// A tile of one block of the layout.
struct BlockTile {
    std::uint32_t block;
    BlockRange range;
    std::uint64_t begin;  ///< its first element, counted from the block's
    unsigned length;
};

/// All tiles of a layout's blocks.
struct TilesView {
    const BlockRange* blocks;
    const std::uint64_t* first_tile;
    std::uint32_t block_count;

    FERRET_DEVICE BlockTile find(std::uint64_t tile) const {
        const std::uint32_t block =
            find_last_begun(block_count, tile, [&](std::uint32_t i) { return first_tile[i]; });
        const std::uint64_t begin = (tile - first_tile[block]) * tile_size;
        return {block, blocks[block], begin, tile_length(blocks[block], begin)};
    }
};

/// Adds four elements of an update to those of a tile of the model from its i-th on, as far as the
/// tile goes.
template <class Elements>
FERRET_DEVICE void add_four(const Elements& elements, const BlockTile& tile, unsigned i,
                            const float (&update)[4]) {
    if (i + 4 <= tile.length)
        elements.add(i, update);
    else
        for (unsigned j = 0; i + j < tile.length; ++j) elements.add(i + j, update[j]);
}

}  // namespace ferret::cuda
