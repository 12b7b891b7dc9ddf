#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/tiling.hpp"
#include "../../rng/word_order.hpp"
#include "../coordinates.hpp"
#include "kernels.hpp"

namespace ferret::cpu {

/// The bases of a dense family over the tiles of a model: kernels, and the law of every block.
class DenseBases {
public:
    /// basis: of a dense family
    DenseBases(const Kernels& kernels, const Layout& layout, const Basis& basis)
        : kernels_(kernels), dense_(kernels.dense[basis.index()]) {
        visit_basis(basis, [&]<class B>(const B&) {
            if constexpr (DenseBasis<B>) {
                group_size_ = elements_per_group(B::parts_per_word);
                const std::vector<typename B::Block> laws = laws_of<B>(layout);
                const auto bytes = std::as_bytes(std::span(laws));
                law_size_ = sizeof(typename B::Block);
                laws_.assign(bytes.begin(), bytes.end());
            }
        });
    }

    /// totals[n] += the tile's sum of products with raw values of basis source.basis + n
    /// Shapes: first_element: of the block, a multiple of tile_size
    ///         tile: `count` elements, and zeros up to tile_size
    void dot(WordSource source, std::uint64_t first_element, std::uint32_t bases, std::size_t count,
             const float* tile, double* totals) const {
        for (std::uint32_t n = 0; n < bases; n += step(bases - n)) {
            const std::uint32_t at_once = step(bases - n);
            alignas(cache_line) std::array<float, most_bases_at_once * lanes> lane_sums{};
            for_each_batch(source, first_element, at_once, count,
                           [&](const std::uint32_t* words, std::size_t groups, std::size_t at) {
                               (at_once == 1 ? dense_.dot_of_one : dense_.dot)(
                                   law(source), words, groups, tile + at, lane_sums.data());
                           });
            for (std::uint32_t k = 0; k < at_once; ++k)
                totals[n + k] += static_cast<double>(add_lanes(lane_sums.data() + k * lanes));
            source.basis += at_once;
        }
    }

    /// update[i] += coefficients[n] * raw value of basis source.basis + n, in the order of n
    /// Shapes: update: `count` elements, and room up to tile_size
    void add(WordSource source, std::uint64_t first_element, std::uint32_t bases, std::size_t count,
             const float* coefficients, float* update) const {
        for (std::uint32_t n = 0; n < bases; n += step(bases - n)) {
            const std::uint32_t at_once = step(bases - n);
            for_each_batch(source, first_element, at_once, count,
                           [&](const std::uint32_t* words, std::size_t groups, std::size_t at) {
                               (at_once == 1 ? dense_.add_of_one : dense_.add)(
                                   law(source), words, groups, coefficients + n, update + at);
                           });
            source.basis += at_once;
        }
    }

private:
    /// Words that are made at a time: they stay in the L1 cache beside a tile.
    static constexpr std::size_t batch_size = 2048;

    std::uint32_t step(std::uint32_t bases) const {
        return bases >= kernels_.bases_at_once ? kernels_.bases_at_once : 1;
    }
    const void* law(const WordSource& source) const {
        return laws_.data() + source.block * law_size_;
    }

    /// Calls visit(words, groups, first element in the tile) for batches of a tile's words.
    template <class Visit>
    void for_each_batch(const WordSource& source, std::uint64_t first_element, std::uint32_t bases,
                        std::size_t count, const Visit& visit) const {
        alignas(cache_line) std::array<std::uint32_t, batch_size> words;
        const std::uint64_t first_group = first_element / group_size_;
        const std::size_t group_count = (count + group_size_ - 1) / group_size_;
        const std::size_t most = batch_size / (words_per_group * bases);
        for (std::size_t group = 0; group < group_count; group += most) {
            const std::size_t groups = (std::min)(most, group_count - group);
            (bases == 1 ? kernels_.make_words_of_one : kernels_.make_words)(
                source, (first_group + group) * counters_per_group, groups, words.data());
            visit(words.data(), groups, group * group_size_);
        }
    }

    const Kernels& kernels_;
    const DenseKernels& dense_;
    std::size_t group_size_ = 0;
    // The families' Blocks, which are copied byte by byte: kernels alone know their type.
    std::size_t law_size_ = 0;
    std::vector<std::byte> laws_;
};

}  // namespace ferret::cpu
