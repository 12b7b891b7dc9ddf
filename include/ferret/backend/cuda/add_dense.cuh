#pragma once

#include <cmath>
#include <cstdint>

#include "../../basis/basis.hpp"
#include "../../block/tiling.hpp"
#include "../../rng/word_order.hpp"
#include "device_sketches.cuh"
#include "launch.cuh"
#include "model_tiles.cuh"
#include "raw_values.cuh"
#include "round_keys.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Adds every sketch of a dense basis to a tile of the model: all bases pass over the elements that
/// a thread holds in registers.
template <DenseBasis B>
struct AddDense {
    static constexpr unsigned parts = B::parts_per_word;
    /// A thread has the elements of whole Philox calls, or of one word where that is many.
    static constexpr bool one_word = parts == 32;
    /// Calls that do not wait for each other hide each other's latency better than more threads do.
    static constexpr unsigned calls = one_word ? 1 : 4;
    static constexpr unsigned elements_per_call = one_word ? parts : 4 * parts;
    static constexpr unsigned threads = 128;
    static constexpr unsigned teams = 4;
    struct Shared {
        alignas(16) float update[tile_size];
    };

    TilesView tiles;
    const typename B::Block* laws;
    SketchesView sketches;
    ModelView model;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const BlockTile tile = tiles.find(index);
        ValuesOf<B>::visit(laws + tile.block, [&]<class Values>(const Values& values) {
            constexpr unsigned items = tile_size / (calls * elements_per_call);
            constexpr unsigned words = one_word ? 4 : 1;
            // As many groups of elements lie between the calls of a thread.
            constexpr unsigned groups_apart = tile_size / elements_per_group(parts) / calls;
            team.for_each(items, [&](unsigned i) {
                const unsigned pair = i % counters_per_group;
                const unsigned group = i / counters_per_group / words;
                // Of the four words: bit 0 the lane of the pair, bit 1 the half. All, or one.
                const unsigned first_word = i / counters_per_group % words;
                float update[calls][elements_per_call] = {};
                add_bases<groups_apart>(values, tile, group, pair, first_word, update);
                FERRET_UNROLL_LOOP
                for (unsigned call = 0; call < calls; ++call) FERRET_UNROLL_LOOP
                for (unsigned e = 0; e < elements_per_call; ++e) {
                    const unsigned word = first_word + e / parts;
                    const unsigned row = word / 2 * parts + e % parts;
                    shared.update[(group + call * groups_apart) * elements_per_group(parts) +
                                  row * lanes + 2 * pair + word % 2] = update[call][e];
                }
            });
        });
        model.visit_range(tile.range.begin + tile.begin, tile.length, [&](const auto& elements) {
            team.for_each((tile.length + 3) / 4, [&](unsigned i) {
                float update[4];
                for (unsigned j = 0; j < 4; ++j) update[j] = shared.update[4 * i + j];
                add_four(elements, tile, 4 * i, update);
            });
        });
    }

private:
    template <unsigned groups_apart, class Values>
    FERRET_DEVICE void add_bases(const Values& values, const BlockTile& tile, unsigned group,
                                 unsigned pair, unsigned first_word,
                                 float (&update)[calls][elements_per_call]) const {
        const std::uint64_t first_call =
            tile.begin / elements_per_group(parts) * counters_per_group +
            group * counters_per_group + pair;
        for (std::uint32_t s = 0; s < sketches.count; ++s) {
            const SketchBlock& block = sketches.blocks[s * sketches.block_count + tile.block];
            const float* coefficients = sketches.coefficients + block.first_coefficient;
            const auto add = [&](const RoundKeys& keys) {
                FERRET_LOOP_AS_IT_IS
                for (std::uint32_t k = 0; k < block.bases; ++k) {
                    const float coefficient = Values::scale * coefficients[k];
                    PhiloxWords words[calls];
                    FERRET_UNROLL_LOOP
                    for (unsigned call = 0; call < calls; ++call)
                        // The tile's calls differ in the low word alone.
                        words[call] =
                            keys(low_word(first_call) + call * groups_apart * counters_per_group,
                                 high_word(first_call), sketches.first_basis + k, tile.block);
                    FERRET_UNROLL_LOOP
                    for (unsigned call = 0; call < calls; ++call)
                        add_words(values, words[call], first_word, coefficient, update[call]);
                }
            };
            if (s == 0)
                add(sketches.first_keys);
            else
                add(RoundKeys(sketches.keys[s]));
        }
    }

    template <class Values>
    FERRET_DEVICE static void add_words(const Values& values, const PhiloxWords& words,
                                        unsigned first_word, float coefficient,
                                        float (&update)[elements_per_call]) {
        // Lane s of the pair has words 1 - s and 3 - s.
        if constexpr (one_word) {
            const std::uint32_t low = first_word / 2 == 0 ? words[1] : words[3];
            const std::uint32_t high = first_word / 2 == 0 ? words[0] : words[2];
            const std::uint32_t word = first_word % 2 == 0 ? low : high;
            FERRET_UNROLL_LOOP
            for (unsigned e = 0; e < elements_per_call; ++e)
                update[e] = std::fma(coefficient, values(word, word, e)[0], update[e]);
        } else {
            FERRET_UNROLL_LOOP
            for (unsigned e = 0; e < elements_per_call; ++e) {
                const unsigned lane = e / parts % 2;
                const unsigned half = e / parts / 2;
                update[e] =
                    std::fma(coefficient, values(words[1 - lane], words[3 - lane], e % parts)[half],
                             update[e]);
            }
        }
    }
};

}  // namespace ferret::cuda
