#pragma once

#include <bit>
#include <cstdint>

#include "../../basis/sparse_sign.hpp"
#include "../../block/tiling.hpp"
#include "../../rng/word_order.hpp"
#include "device_sketches.cuh"
#include "launch.cuh"
#include "model_tiles.cuh"
#include "round_keys.cuh"
#include "sparse_signs.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Adds every sketch of SparseSign to a tile of the model.
struct AddSparse {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 8;
    static constexpr unsigned groups = tile_size / signs_per_group;
    /// Chunks have over 2048 elements, so no more lie in a tile.
    static constexpr unsigned most_chunks = 3;

    /// The part of a chunk that lies in the tile.
    struct Chunk {
        std::uint32_t first;       ///< its first element, or the tile's where that comes later
        std::uint32_t basis_of_0;  ///< to which the tile's first element would belong
    };
    struct Shared {
        alignas(16) std::uint32_t sign_words[groups * words_per_group];
        alignas(16) float update[tile_size];
        Chunk chunks[most_chunks];
        std::uint64_t reciprocal;  ///< ceil(2^32 / K)
    };

    TilesView tiles;
    SketchesView sketches;
    ModelView model;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const BlockTile tile = tiles.find(index);
        for (std::uint32_t s = 0; s < sketches.count; ++s) {
            const SketchBlock& block = sketches.blocks[s * sketches.block_count + tile.block];
            const float* coefficients = sketches.coefficients + block.first_coefficient;
            draw(team, shared, tile, sketches.keys[s], block.bases);
            // The last sketch is added on the way to the model.
            if (s + 1 < sketches.count)
                team.for_each((tile.length + 3) / 4, [&](unsigned i) {
                    float update[4];
                    add_sketch(shared, coefficients, block.bases, s == 0, 4 * i, update);
                    for (unsigned j = 0; j < 4; ++j) shared.update[4 * i + j] = update[j];
                });
            else
                model.visit_range(
                    tile.range.begin + tile.begin, tile.length, [&](const auto& elements) {
                        team.for_each((tile.length + 3) / 4, [&](unsigned i) {
                            float update[4];
                            add_sketch(shared, coefficients, block.bases, s == 0, 4 * i, update);
                            add_four(elements, tile, 4 * i, update);
                        });
                    });
        }
    }

private:
    /// Draws the signs and rotations of a tile.
    FERRET_DEVICE static void draw(const Team& team, Shared& shared, const BlockTile& tile,
                                   const RoundKeys& keys, std::uint32_t bases) {
        const SparseSign::Block signs(keys.key(), tile.block, bases);
        const auto chunk_size = signs.chunk_size();
        team.for_each(groups * counters_per_group + most_chunks, [&](unsigned i) {
            if (i == 0) shared.reciprocal = std::uint64_t{0xFFFFFFFFu / bases} + 1;
            const unsigned group = i / counters_per_group;
            if (group < groups) {
                store_sign_words(keys, 0, tile.block, tile.begin / signs_per_group + group,
                                 i % counters_per_group,
                                 shared.sign_words + group * words_per_group);
                return;
            }
            const unsigned c = i % counters_per_group;
            const std::uint64_t chunk = tile.begin / chunk_size + c;
            const std::uint64_t begin = chunk * chunk_size;
            const std::uint64_t first = begin < tile.begin ? 0 : begin - tile.begin;
            // Chunks are whole multiples of K elements.
            shared.chunks[c] = {
                first < tile_size ? low_word(first) : static_cast<std::uint32_t>(tile_size),
                low_word((tile.begin % bases + signs.rotation(chunk)) % bases)};
        });
    }

    /// Four elements of a sketch's update, added to those that were there.
    FERRET_DEVICE static void add_sketch(const Shared& shared, const float* coefficients,
                                         std::uint32_t bases, bool is_first, unsigned i,
                                         float (&update)[4]) {
        constexpr unsigned half_size = signs_per_group / 2;
        const std::uint32_t* words = shared.sign_words + i / half_size * lanes + i % lanes;
        FERRET_UNROLL_LOOP
        for (unsigned j = 0; j < 4; ++j) {
            const unsigned chunk = (i + j >= shared.chunks[1].first ? 1 : 0) +
                                   (i + j >= shared.chunks[2].first ? 1 : 0);
            const std::uint32_t first = shared.chunks[chunk].basis_of_0;
            const float coefficient = coefficients[turned(first, i + j, bases, shared.reciprocal)];
            const std::uint32_t sign = (words[j] << (i / lanes % 32)) & 0x80000000u;
            update[j] = (is_first ? 0.0f : shared.update[i + j]) +
                        std::bit_cast<float>(std::bit_cast<std::uint32_t>(coefficient) ^ sign);
        }
    }

    /// (first + i) mod K, for an i under tile_size.
    FERRET_DEVICE static std::uint32_t turned(std::uint32_t first, unsigned i, std::uint32_t bases,
                                              std::uint64_t reciprocal) {
        if (bases >= tile_size) return i < bases - first ? first + i : i - (bases - first);
        // Exact, since (first + i) K < 2^25.
        return first + i - high_word(reciprocal * (first + i)) * bases;
    }
};

}  // namespace ferret::cuda
