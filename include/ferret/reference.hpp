#pragma once

/// The obvious loops: slow, plain, and the oracle of every test. One element at a time, one thread,
/// no tables; nothing here is shared with the kernels but the definition of the bases.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "basis/basis.hpp"
#include "block/layout.hpp"
#include "block/tiling.hpp"
#include "floating_point.hpp"
#include "rng/seed.hpp"
#include "rng/word_order.hpp"
#include "sketch.hpp"

namespace ferret::reference {

/// The raw value of element `element` of dense basis `k` of a block: the entry over its amplitude.
template <DenseBasis B>
float raw_value(const typename B::Block& law, const PhiloxKey& key, std::uint32_t block,
                std::uint32_t k, std::uint64_t element) {
    const WordPosition position = word_position(element, B::parts_per_word);
    const PhiloxWords words = philox(basis_counter(position.counter, k, block), key);
    const unsigned word0 = position.word % 2;
    return law.raw_values(words[word0], words[2 + word0], position.part)[position.half];
}

/// v[l][k][i]: one entry of a basis, for inspection.
/// Math:   amplitude times raw value, in double; for SparseSign the sign, or zero
inline double entry(const Basis& basis, const Layout& layout, const Seed& seed, std::size_t block,
                    std::uint32_t bases, std::uint32_t k, std::uint64_t element) {
    const PhiloxKey key = basis_key(seed, static_cast<std::uint32_t>(basis_id(basis)));
    const auto l = static_cast<std::uint32_t>(block);
    return std::visit(
        [&]<class B>(const B&) {
            if constexpr (DenseBasis<B>) {
                const typename B::Block law(layout.block_size(block));
                return law.amplitude() * static_cast<double>(raw_value<B>(law, key, l, k, element));
            } else {
                const SparseSign::Block signs(key, l, bases);
                return signs.basis_of(element) == k ? static_cast<double>(signs.sign_of(element))
                                                    : 0.0;
            }
        },
        basis);
}

/// The sums of every basis over one stretch of a SparseSign block, from element `begin` on.
inline std::vector<float> sum_stretch(const SparseSign::Block& signs, std::span<const float> values,
                                      std::uint64_t begin) {
    const auto bases = static_cast<std::size_t>(signs.bases());
    std::vector<float> sums(bases, 0.0f);
    if (bases > sparse_least_lanes) {
        for (std::size_t i = 0; i < values.size(); ++i)
            sums[signs.basis_of(begin + i)] += values[i] * signs.sign_of(begin + i);
        return sums;
    }
    std::vector<float> lane_sums(sparse_lanes(bases), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i)
        lane_sums[i % lane_sums.size()] += values[i] * signs.sign_of(begin + i);
    for (std::size_t rows = lane_sums.size() / bases; rows > 1;) {
        const std::size_t half = (rows + 1) / 2;
        for (std::size_t j = half * bases; j < rows * bases; ++j)
            lane_sums[j - half * bases] += lane_sums[j];
        rows = half;
    }
    for (std::size_t j = 0; j < bases; ++j) sums[signs.basis_of(begin + j)] = lane_sums[j];
    return sums;
}

/// The sketch of an update given as one array of d floats.
/// Math:   Projector's, in the canonical order of tiling.hpp
inline Sketch project(const Layout& layout, const Basis& basis,
                      std::span<const std::uint32_t> bases_per_block, std::span<const float> delta,
                      const Seed& seed) {
    const IeeeArithmetic ieee;
    const BasisId id = basis_id(basis);
    const PhiloxKey key = basis_key(seed, static_cast<std::uint32_t>(id));
    Sketch sketch{
        seed, id, layout.fingerprint(), {bases_per_block.begin(), bases_per_block.end()}, {}};
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const auto l = static_cast<std::uint32_t>(block);
        const std::uint64_t size = layout.block_size(block);
        const std::uint32_t bases = bases_per_block[block];
        const std::span<const float> values = delta.subspan(layout.block_offset(block), size);
        std::visit(
            [&]<class B>(const B&) {
                if constexpr (DenseBasis<B>) {
                    const typename B::Block law(size);
                    for (std::uint32_t k = 0; k < bases; ++k) {
                        double total = 0.0;
                        for (const Segment& segment :
                             segments_of(block, size, dense_segment_size)) {
                            double segment_sum = 0.0;
                            for (std::uint64_t begin = segment.begin; begin < segment.end;
                                 begin += tile_size) {
                                std::array<float, lanes> sums{};
                                for (std::uint64_t i = begin;
                                     i < (std::min)(begin + tile_size, segment.end); ++i)
                                    sums[i % lanes] =
                                        std::fma(values[i], raw_value<B>(law, key, l, k, i),
                                                 sums[i % lanes]);
                                for (std::size_t width = lanes / 2; width > 0; width /= 2)
                                    for (std::size_t lane = 0; lane < width; ++lane)
                                        sums[lane] += sums[lane + width];
                                segment_sum += static_cast<double>(sums[0]);
                            }
                            total += segment_sum;
                        }
                        sketch.coordinates.push_back(
                            static_cast<float>(total / (law.amplitude() * law.raw_second_moment() *
                                                        static_cast<double>(bases))));
                    }
                } else {
                    const SparseSign::Block signs(key, l, bases);
                    const std::uint64_t stretch_size =
                        sparse_stretch_size(bases, signs.chunk_size());
                    std::vector<double> totals(bases, 0.0);
                    for (const Segment& segment :
                         segments_of(block, size, sparse_segment_size(stretch_size))) {
                        std::vector<double> segment_sums(bases, 0.0);
                        for (std::uint64_t begin = segment.begin; begin < segment.end;
                             begin += stretch_size) {
                            const std::uint64_t end = (std::min)(begin + stretch_size, segment.end);
                            const std::vector<float> sums =
                                sum_stretch(signs, values.subspan(begin, end - begin), begin);
                            for (std::uint32_t k = 0; k < bases; ++k)
                                segment_sums[k] += static_cast<double>(sums[k]);
                        }
                        for (std::uint32_t k = 0; k < bases; ++k) totals[k] += segment_sums[k];
                    }
                    sketch.coordinates.insert(sketch.coordinates.end(), totals.begin(),
                                              totals.end());
                }
            },
            basis);
    }
    return sketch;
}

/// scale * sum over sketches of V gamma, as one array of d floats: what Reconstructor adds.
inline std::vector<float> reconstruct(const Layout& layout, const Basis& basis,
                                      std::span<const Sketch> sketches, float scale) {
    const IeeeArithmetic ieee;
    std::vector<float> update(layout.element_count(), 0.0f);
    for (const Sketch& sketch : sketches) {
        const PhiloxKey key = basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis));
        std::size_t first = 0;
        for (std::size_t block = 0; block < layout.block_count(); ++block) {
            const auto l = static_cast<std::uint32_t>(block);
            const std::uint64_t size = layout.block_size(block);
            const std::uint32_t bases = sketch.bases_per_block[block];
            float* values = update.data() + layout.block_offset(block);
            const auto factor = [&](std::uint64_t k, double amplitude) {
                return static_cast<float>(static_cast<double>(scale) *
                                          static_cast<double>(sketch.coordinates[first + k]) *
                                          amplitude);
            };
            std::visit(
                [&]<class B>(const B&) {
                    if constexpr (DenseBasis<B>) {
                        const typename B::Block law(size);
                        for (std::uint64_t i = 0; i < size; ++i)
                            for (std::uint32_t k = 0; k < bases; ++k)
                                values[i] = std::fma(factor(k, law.amplitude()),
                                                     raw_value<B>(law, key, l, k, i), values[i]);
                    } else {
                        const SparseSign::Block signs(key, l, bases);
                        for (std::uint64_t i = 0; i < size; ++i)
                            values[i] += factor(signs.basis_of(i), 1.0) * signs.sign_of(i);
                    }
                },
                basis);
            first += bases;
        }
    }
    return update;
}

}  // namespace ferret::reference
