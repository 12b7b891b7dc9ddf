#pragma once

/// The obvious loops: slow, plain, and the oracle of every test. One element at a time, one thread,
/// no tables; nothing here is shared with the kernels but the definition of the bases.

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
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
    return visit_basis(basis, [&]<class B>(const B&) {
        if constexpr (DenseBasis<B>) {
            const typename B::Block law(layout.block_size(block));
            return law.amplitude() * static_cast<double>(raw_value<B>(law, key, l, k, element));
        } else {
            const SparseSign::Block signs(key, l, bases);
            return signs.basis_of(element) == k ? static_cast<double>(signs.sign_of(element)) : 0.0;
        }
    });
}

/// A dense basis over one tile: lane by lane in float, then the lanes as a tree.
/// Shapes: raw(i): the basis's raw value of the block's element i
template <class RawValues>
float dense_tile_sum(std::span<const float> values, const RawValues& raw, std::uint64_t begin,
                     std::uint64_t end) {
    std::array<float, lanes> sums{};
    for (std::uint64_t i = begin; i < end; ++i)
        sums[i % lanes] = std::fma(values[i], raw(i), sums[i % lanes]);
    for (std::size_t width = lanes / 2; width > 0; width /= 2)
        for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
    return sums[0];
}

/// ... over one segment: its tiles in order in double.
template <class RawValues>
double dense_segment_sum(std::span<const float> values, const RawValues& raw,
                         const Segment& segment) {
    double sum = 0.0;
    for (std::uint64_t begin = segment.begin; begin < segment.end; begin += tile_size) {
        const std::uint64_t end = (std::min)(begin + tile_size, segment.end);
        sum += static_cast<double>(dense_tile_sum(values, raw, begin, end));
    }
    return sum;
}

/// ... over one block: its segments in order in double.
template <class RawValues>
double dense_block_sum(std::span<const float> values, const RawValues& raw) {
    double sum = 0.0;
    for (const Segment& segment : segments_of(0, values.size(), dense_segment_size))
        sum += dense_segment_sum(values, raw, segment);
    return sum;
}

/// The coordinates of one block, one a basis: of a dense basis family...
template <DenseBasis B>
std::vector<float> block_coordinates(const PhiloxKey& key, std::uint32_t block, std::uint32_t bases,
                                     std::span<const float> values) {
    const typename B::Block law(values.size());
    const double divisor = law.amplitude() * law.raw_second_moment() * static_cast<double>(bases);
    std::vector<float> coordinates;
    for (std::uint32_t k = 0; k < bases; ++k) {
        const auto raw = [&](std::uint64_t i) { return raw_value<B>(law, key, block, k, i); };
        coordinates.push_back(static_cast<float>(dense_block_sum(values, raw) / divisor));
    }
    return coordinates;
}

/// All bases of a SparseSign block over one stretch from element `begin` on, where they are many:
/// each adds its signed elements in order.
inline std::vector<float> many_bases_sums(const SparseSign::Block& signs,
                                          std::span<const float> values, std::uint64_t begin) {
    std::vector<float> sums(static_cast<std::size_t>(signs.bases()), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i)
        sums[signs.basis_of(begin + i)] += values[i] * signs.sign_of(begin + i);
    return sums;
}

/// ... where they are few: each has several lanes, rows of K of them, which are added as a tree.
inline std::vector<float> few_bases_sums(const SparseSign::Block& signs,
                                         std::span<const float> values, std::uint64_t begin) {
    const auto bases = static_cast<std::size_t>(signs.bases());
    std::vector<float> lane_sums(sparse_lanes(bases), 0.0f);
    for (std::size_t i = 0; i < values.size(); ++i)
        lane_sums[i % lane_sums.size()] += values[i] * signs.sign_of(begin + i);
    for (std::size_t rows = lane_sums.size() / bases; rows > 1; rows = (rows + 1) / 2) {
        const std::size_t half = (rows + 1) / 2 * bases;
        for (std::size_t j = half; j < rows * bases; ++j) lane_sums[j - half] += lane_sums[j];
    }
    std::vector<float> sums(bases, 0.0f);
    for (std::size_t j = 0; j < bases; ++j) sums[signs.basis_of(begin + j)] = lane_sums[j];
    return sums;
}

/// All bases of a SparseSign block over one segment: its stretches in order in double.
inline std::vector<double> sparse_segment_sums(const SparseSign::Block& signs,
                                               std::span<const float> values,
                                               const Segment& segment) {
    const std::uint64_t stretch_size = sparse_stretch_size(signs.bases(), signs.chunk_size());
    const bool few = signs.bases() <= sparse_least_lanes;
    std::vector<double> sums(static_cast<std::size_t>(signs.bases()), 0.0);
    for (std::uint64_t begin = segment.begin; begin < segment.end; begin += stretch_size) {
        const std::uint64_t size = (std::min)(stretch_size, segment.end - begin);
        const std::span<const float> stretch = values.subspan(begin, size);
        const std::vector<float> stretch_sums =
            few ? few_bases_sums(signs, stretch, begin) : many_bases_sums(signs, stretch, begin);
        for (std::size_t k = 0; k < sums.size(); ++k)
            sums[k] += static_cast<double>(stretch_sums[k]);
    }
    return sums;
}

/// ... and of SparseSign: segments in order in double.
template <std::same_as<SparseSign>>
std::vector<float> block_coordinates(const PhiloxKey& key, std::uint32_t block, std::uint32_t bases,
                                     std::span<const float> values) {
    const SparseSign::Block signs(key, block, bases);
    const std::uint64_t segment_size =
        sparse_segment_size(sparse_stretch_size(bases, signs.chunk_size()));
    std::vector<double> sums(bases, 0.0);
    for (const Segment& segment : segments_of(block, values.size(), segment_size)) {
        const std::vector<double> segment_sums = sparse_segment_sums(signs, values, segment);
        for (std::uint32_t k = 0; k < bases; ++k) sums[k] += segment_sums[k];
    }
    return {sums.begin(), sums.end()};
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
        const std::vector<float> coordinates = visit_basis(basis, [&]<class B>(const B&) {
            return block_coordinates<B>(
                key, static_cast<std::uint32_t>(block), bases_per_block[block],
                delta.subspan(layout.block_offset(block), layout.block_size(block)));
        });
        sketch.coordinates.insert(sketch.coordinates.end(), coordinates.begin(), coordinates.end());
    }
    return sketch;
}

/// What one coordinate adds per unit of a raw value.
inline float factor_of(float scale, float coordinate, double amplitude) {
    return static_cast<float>(static_cast<double>(scale) * static_cast<double>(coordinate) *
                              amplitude);
}

/// Adds one block of a sketch to the block's elements: of a dense basis family...
template <DenseBasis B>
void add_block(const PhiloxKey& key, std::uint32_t block, std::span<const float> coordinates,
               float scale, std::span<float> values) {
    const typename B::Block law(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::uint32_t k = 0; k < coordinates.size(); ++k)
            values[i] = std::fma(factor_of(scale, coordinates[k], law.amplitude()),
                                 raw_value<B>(law, key, block, k, i), values[i]);
}

/// ... and of SparseSign.
template <std::same_as<SparseSign>>
void add_block(const PhiloxKey& key, std::uint32_t block, std::span<const float> coordinates,
               float scale, std::span<float> values) {
    const SparseSign::Block signs(key, block, static_cast<std::uint32_t>(coordinates.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] += factor_of(scale, coordinates[signs.basis_of(i)], 1.0) * signs.sign_of(i);
}

/// scale * sum over sketches of V gamma, as one array of d floats: what Reconstructor adds.
inline std::vector<float> reconstruct(const Layout& layout, const Basis& basis,
                                      std::span<const Sketch> sketches, float scale) {
    const IeeeArithmetic ieee;
    std::vector<float> update(layout.element_count(), 0.0f);
    for (const Sketch& sketch : sketches) {
        const PhiloxKey key = basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis));
        std::span<const float> left(sketch.coordinates);
        for (std::size_t block = 0; block < layout.block_count(); ++block) {
            const std::span<const float> coordinates = left.first(sketch.bases_per_block[block]);
            left = left.subspan(coordinates.size());
            const std::span<float> values(update.data() + layout.block_offset(block),
                                          layout.block_size(block));
            visit_basis(basis, [&]<class B>(const B&) {
                add_block<B>(key, static_cast<std::uint32_t>(block), coordinates, scale, values);
            });
        }
    }
    return update;
}

}  // namespace ferret::reference
