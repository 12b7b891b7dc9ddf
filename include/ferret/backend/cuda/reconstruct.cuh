#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "launch.cuh"
#include "project_dense.cuh"
#include "project_sparse.cuh"
#include "raw_values.cuh"
#include "round_keys.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// A block of one sketch as kernels see it.
struct SketchBlock {
    std::uint32_t bases;
    std::uint64_t first_coefficient;
};

/// Sketches as kernels see them.
struct SketchesView {
    std::uint32_t count;
    std::uint32_t block_count;
    const RoundKeys* keys;
    const SketchBlock* blocks;  ///< sketch after sketch
    const float* coefficients;
    std::uint32_t first_basis;  ///< that the first coefficient of each block belongs to
};

/// Sketches and the factors of their raw values in device memory.
class DeviceSketches {
public:
    /// Throws: NonFinite if a factor overflows; DeviceError
    DeviceSketches(const Cuda& cuda, std::span<const Sketch> sketches, std::uint32_t first_basis,
                   float scale, std::span<const double> amplitudes)
        : count_(static_cast<std::uint32_t>(sketches.size())),
          block_count_(static_cast<std::uint32_t>(amplitudes.size())),
          first_basis_(first_basis),
          host_(sketches, scale, amplitudes),
          keys_(cuda, host_.keys),
          blocks_(cuda, host_.blocks),
          coefficients_(cuda, host_.coefficients) {}

    SketchesView view() const {
        return {count_,         block_count_,         keys_.data(),
                blocks_.data(), coefficients_.data(), first_basis_};
    }

private:
    struct Host {
        std::vector<RoundKeys> keys;
        std::vector<SketchBlock> blocks;
        std::vector<float> coefficients;

        Host(std::span<const Sketch> sketches, float scale, std::span<const double> amplitudes) {
            for (const Sketch& sketch : sketches) {
                keys.emplace_back(basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis)));
                std::uint64_t first = coefficients.size();
                for (const std::uint32_t bases : sketch.bases_per_block) {
                    blocks.push_back({bases, first});
                    first += bases;
                }
                const std::vector<float> factors = coefficients_of(sketch, scale, amplitudes);
                coefficients.insert(coefficients.end(), factors.begin(), factors.end());
            }
        }
    };

    std::uint32_t count_;
    std::uint32_t block_count_;
    std::uint32_t first_basis_;
    Host host_;
    DeviceArray<RoundKeys> keys_;
    DeviceArray<SketchBlock> blocks_;
    DeviceArray<float> coefficients_;
};

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

/// Adds every sketch of a dense basis to a tile of the model: all bases pass over the elements that
/// a thread holds in registers.
template <DenseBasis B>
struct AddDense {
    static constexpr unsigned threads = 256;
    static constexpr unsigned parts = B::parts_per_word;
    /// A thread has the elements of a whole Philox call, or of one word where that is many.
    static constexpr bool one_word = parts == 32;
    static constexpr unsigned elements_per_item = one_word ? parts : 4 * parts;
    struct Shared {};

    TilesView tiles;
    const typename B::Block* laws;
    SketchesView sketches;
    ModelView model;

    FERRET_DEVICE void operator()(const Team& team, Shared&, std::uint64_t index) const {
        const BlockTile tile = tiles.find(index);
        constexpr unsigned group_size = elements_per_group(parts);
        constexpr unsigned items_per_group = group_size / elements_per_item;
        const unsigned groups = (tile.length + group_size - 1) / group_size;
        ValuesOf<B>::visit(laws + tile.block, [&]<class Values>(const Values& values) {
            ModelPiece at{};
            team.for_each(groups * items_per_group, [&](unsigned i) {
                const unsigned group = i / items_per_group;
                const unsigned pair = i % items_per_group % counters_per_group;
                // Of the four words: bit 0 the lane of the pair, bit 1 the half. All, or one.
                const unsigned first_word = one_word ? i % items_per_group / counters_per_group : 0;
                float update[elements_per_item] = {};
                add_bases(values, tile, group, pair, first_word, update);
                for (unsigned e = 0; e < elements_per_item; ++e) {
                    const unsigned word = first_word + e / parts;
                    const unsigned row = word / 2 * parts + e % parts;
                    const unsigned element = group * group_size + row * lanes + 2 * pair + word % 2;
                    if (element < tile.length)
                        model.add(at, tile.range.begin + tile.begin + element, update[e]);
                }
            });
        });
    }

private:
    template <class Values>
    FERRET_DEVICE void add_bases(const Values& values, const BlockTile& tile, unsigned group,
                                 unsigned pair, unsigned first_word,
                                 float (&update)[elements_per_item]) const {
        const std::uint64_t call = tile.begin / elements_per_group(parts) * counters_per_group +
                                   group * counters_per_group + pair;
        for (std::uint32_t s = 0; s < sketches.count; ++s) {
            const SketchBlock& block = sketches.blocks[s * sketches.block_count + tile.block];
            const float* coefficients = sketches.coefficients + block.first_coefficient;
            const RoundKeys keys = sketches.keys[s];
            for (std::uint32_t k = 0; k < block.bases; ++k) {
                const PhiloxWords words =
                    keys(low_word(call), high_word(call), sketches.first_basis + k, tile.block);
                const float coefficient = Values::scale * coefficients[k];
                FERRET_UNROLL_LOOP
                for (unsigned e = 0; e < elements_per_item; ++e) {
                    const unsigned word = first_word + e / parts;
                    // Lane s of the pair has words 1 - s and 3 - s.
                    const unsigned low = 1 - word % 2;
                    update[e] = std::fma(coefficient,
                                         values(words[low], words[2 + low], e % parts)[word / 2],
                                         update[e]);
                }
            }
        }
    }
};

/// Adds every sketch of SparseSign to a tile of the model.
struct AddSparse {
    static constexpr unsigned threads = 256;
    static constexpr unsigned groups = tile_size / signs_per_group;
    /// Chunks have over 2048 elements, so no more lie in a tile.
    static constexpr unsigned most_chunks = 3;

    struct Shared {
        std::uint32_t sign_words[groups * words_per_group];
        std::uint64_t rotations[most_chunks];
        float update[tile_size];
    };

    TilesView tiles;
    SketchesView sketches;
    ModelView model;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t index) const {
        const BlockTile tile = tiles.find(index);
        team.for_each(tile.length, [&](unsigned i) { shared.update[i] = 0.0f; });
        for (std::uint32_t s = 0; s < sketches.count; ++s) {
            const SketchBlock& block = sketches.blocks[s * sketches.block_count + tile.block];
            const float* coefficients = sketches.coefficients + block.first_coefficient;
            const RoundKeys& keys = sketches.keys[s];
            const SparseSign::Block signs(keys.key(), tile.block, block.bases);
            const std::uint64_t chunk_size = signs.chunk_size();
            const std::uint64_t first_chunk = tile.begin / chunk_size;
            const std::uint64_t first_offset = tile.begin % chunk_size;
            const std::uint64_t first_group = tile.begin / signs_per_group;
            team.for_each(groups * counters_per_group + most_chunks, [&](unsigned i) {
                const unsigned group = i / counters_per_group;
                if (group < groups)
                    store_sign_words(keys, tile.block, first_group + group, i % counters_per_group,
                                     shared.sign_words + group * words_per_group);
                else
                    shared.rotations[i % counters_per_group] =
                        signs.rotation(first_chunk + i % counters_per_group);
            });
            team.for_each(tile.length, [&](unsigned i) {
                std::uint64_t offset = first_offset + i;
                unsigned chunk = 0;
                for (; offset >= chunk_size; offset -= chunk_size) ++chunk;
                const std::uint64_t turned = offset + shared.rotations[chunk];
                std::uint64_t basis;
                if (chunk_size > block.bases)
                    basis = static_cast<std::uint32_t>(turned) % block.bases;
                else
                    basis = turned < block.bases ? turned : turned - block.bases;
                shared.update[i] += with_sign(coefficients[basis], shared.sign_words, i);
            });
        }
        ModelPiece at{};
        team.for_each(tile.length, [&](unsigned i) {
            model.add(at, tile.range.begin + tile.begin + i, shared.update[i]);
        });
    }
};

/// model += scale * sum over sketches of V gamma, V being the bases from first_basis on, queued on
/// the stream.
/// Throws: NonFinite, before anything is written; DeviceError
/// Repro:  bit-identical to the CPU's
inline void reconstruct(const Cuda& cuda, const Layout& layout, const Basis& basis,
                        std::span<const Sketch> sketches, std::uint32_t first_basis, float scale,
                        const Model& model) {
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
    std::visit(
        [&]<class B>(const B&) {
            const DeviceSketches on_device(cuda, sketches, first_basis, scale,
                                           amplitudes_of<B>(layout));
            if constexpr (DenseBasis<B>) {
                const DeviceArray<typename B::Block> laws(cuda, laws_of<B>(layout));
                launch(cuda, tile_count,
                       AddDense<B>{view, laws.data(), on_device.view(), model.view()});
            } else {
                launch(cuda, tile_count, AddSparse{view, on_device.view(), model.view()});
            }
        },
        basis);
}

}  // namespace ferret::cuda
