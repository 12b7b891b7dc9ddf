#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../error.hpp"
#include "../../sketch.hpp"
#include "cpu.hpp"
#include "dense_kernels.hpp"
#include "sparse_kernels.hpp"
#include "tensor_io.hpp"

namespace ferret::cpu {

/// The factors of the raw basis values.
/// Math:   float(scale * gamma * amplitude), multiplied in double in this order
/// Throws: NonFinite if a factor overflows
inline std::vector<float> coefficients_of(const Sketch& sketch, float scale,
                                          std::span<const double> amplitudes) {
    std::vector<float> coefficients;
    coefficients.reserve(sketch.coordinates.size());
    for (std::size_t block = 0; block < amplitudes.size(); ++block) {
        for (std::uint32_t k = 0; k < sketch.bases_per_block[block]; ++k) {
            const double coordinate = sketch.coordinates[coefficients.size()];
            const auto coefficient =
                static_cast<float>(static_cast<double>(scale) * coordinate * amplitudes[block]);
            if (!std::isfinite(coefficient))
                throw NonFinite("reconstruct: expected finite numbers, got " +
                                std::to_string(scale) + " times coordinate " +
                                std::to_string(coordinate));
            coefficients.push_back(coefficient);
        }
    }
    return coefficients;
}

/// Adds `add_sketch(sketch, block, tile begin, count, update)` of every sketch to every tile of the
/// model, which is read and written once.
template <class AddSketch>
void add_tiles(const Cpu& cpu, const Layout& layout, const ModelWriter& model,
               std::size_t sketch_count, const AddSketch& add_sketch) {
    std::vector<std::uint64_t> first_tile{0};
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        first_tile.push_back(first_tile.back() +
                             (layout.block_size(block) + tile_size - 1) / tile_size);

    parallel_for(cpu, static_cast<std::size_t>(first_tile.back()), [&](std::size_t tile) {
        const auto after = std::upper_bound(first_tile.begin(), first_tile.end(), tile);
        const auto block = static_cast<std::size_t>(after - first_tile.begin()) - 1;
        const std::uint64_t begin = (tile - first_tile[block]) * tile_size;
        const auto count =
            static_cast<std::size_t>(std::min(tile_size, layout.block_size(block) - begin));
        const std::uint64_t element = layout.block_offset(block) + begin;
        if (!model.covers(element, count)) return;
        alignas(64) std::array<float, tile_size> update{};
        for (std::size_t sketch = 0; sketch < sketch_count; ++sketch)
            add_sketch(sketch, block, begin, count, update.data());
        model.add(element, count, update.data());
    });
}

/// model += scale * sum over sketches of V gamma.
/// Math:   per element, from zero: sketch after sketch, basis after basis, one fused multiply-add
///         of coefficient and raw value in float; the sum is added to the model's element
/// Throws: NonFinite, before anything is written
/// Repro:  bit-identical for any instruction set, number of threads and tensor cut
inline void reconstruct(const Cpu& cpu, const Layout& layout, const Basis& basis,
                        std::span<const Sketch> sketches, float scale, const ModelWriter& model) {
    std::vector<PhiloxKey> keys;
    std::vector<std::vector<std::size_t>> offsets;  // of each block's coordinates in a sketch
    for (const Sketch& sketch : sketches) {
        keys.push_back(basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis)));
        offsets.push_back({0});
        for (const std::uint32_t bases : sketch.bases_per_block)
            offsets.back().push_back(offsets.back().back() + bases);
    }

    std::visit(
        [&]<class B>(const B&) {
            std::vector<double> amplitudes(layout.block_count(), 1.0);
            std::vector<std::vector<float>> coefficients;
            if constexpr (DenseBasis<B>) {
                std::vector<typename B::Block> laws;
                for (std::size_t block = 0; block < layout.block_count(); ++block) {
                    laws.emplace_back(layout.block_size(block));
                    amplitudes[block] = laws.back().amplitude();
                }
                for (const Sketch& sketch : sketches)
                    coefficients.push_back(coefficients_of(sketch, scale, amplitudes));
                add_tiles(cpu, layout, model, sketches.size(),
                          [&](std::size_t s, std::size_t block, std::uint64_t begin,
                              std::size_t count, float* update) {
                              const float* factors = coefficients[s].data() + offsets[s][block];
                              for (std::uint32_t k = 0; k < sketches[s].bases_per_block[block]; ++k)
                                  DenseKernels<B>::add(
                                      cpu.instruction_set, laws[block],
                                      {keys[s], static_cast<std::uint32_t>(block), k, begin}, count,
                                      factors[k], update);
                          });
            } else {
                for (const Sketch& sketch : sketches)
                    coefficients.push_back(coefficients_of(sketch, scale, amplitudes));
                add_tiles(cpu, layout, model, sketches.size(),
                          [&](std::size_t s, std::size_t block, std::uint64_t begin,
                              std::size_t count, float* update) {
                              const SparseKernels kernels(keys[s],
                                                          static_cast<std::uint32_t>(block),
                                                          sketches[s].bases_per_block[block]);
                              const float* factors = coefficients[s].data() + offsets[s][block];
                              std::array<float, tile_size> terms;
                              kernels.for_each_run(
                                  begin, count, [&](std::size_t i, std::size_t k, std::size_t n) {
                                      std::copy(factors + k, factors + k + n, terms.data() + i);
                                  });
                              kernels.apply_signs(begin, count, terms.data());
                              for (std::size_t i = 0; i < count; ++i) update[i] += terms[i];
                          });
            }
        },
        basis);
}

}  // namespace ferret::cpu
