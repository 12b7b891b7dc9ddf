#pragma once

#include <cstdint>

#include "../../rng/word_order.hpp"
#include "block_range.cuh"
#include "panels.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// The elements of a row of a panel.
struct Row {
    std::uint64_t begin;  ///< counted from the block's first
    std::uint64_t size;
    std::uint64_t begin_in_model;
};

/// What every kernel has that sums the rows of an update's panels, and begins with.
template <class Number>
struct RowSums {
    PanelsView panels;
    const BlockRange* blocks;
    UpdateView update;
    Number* sums;

protected:
    /// The row of a task where a block is cut into rows of `row_size` elements.
    FERRET_DEVICE Row row_of(const PanelTask& task, std::uint64_t row_size) const {
        const BlockRange block = blocks[task.panel->block];
        const std::uint64_t begin = task.row * row_size;
        const std::uint64_t left = block.size - begin;
        return {begin, left < row_size ? left : row_size, block.begin + begin};
    }
};

/// Adds a tile's lanes as a tree, to the first.
template <class Number>
FERRET_DEVICE Number sum_of_lanes(Number* lane_sums) {
    for (unsigned width = lanes / 2; width > 0; width /= 2)
        for (unsigned lane = 0; lane < width; ++lane) lane_sums[lane] += lane_sums[lane + width];
    return lane_sums[0];
}

}  // namespace ferret::cuda
