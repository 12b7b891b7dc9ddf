#pragma once

#include "../compiled.hpp"
#include "rotation.hpp"

namespace ferret {

FERRET_API std::vector<RotatedChunk> cut_into_chunks(
    std::span<const std::uint32_t> bases_per_block) {
    std::vector<RotatedChunk> chunks;
    std::size_t first = 0;  // of the list
    std::size_t end = 0;
    for (std::size_t block = 0; block < bases_per_block.size(); ++block) {
        end += bases_per_block[block];
        if (end - first < largest_chunk && block + 1 < bases_per_block.size()) continue;
        while (first < end) {
            const std::size_t left = end - first;
            const std::size_t size =
                std::clamp(std::bit_floor(left), smallest_chunk, largest_chunk);
            chunks.push_back({first, (std::min)(left, size), size});
            first += chunks.back().count;
        }
    }
    return chunks;
}

}  // namespace ferret
