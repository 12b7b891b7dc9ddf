#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../../basis/basis.hpp"
#include "../../block/tiling.hpp"
#include "../../rng/seed.hpp"
#include "../../rng/word_order.hpp"
#include "cpu.hpp"

// The inner loops of the dense bases. They are written once, and compiled once for every
// instruction set: what a function with a target attribute inlines is compiled for that target.
// std::fma is then one instruction; elsewhere it is a call that rounds in the same way.
#if defined(__GNUC__)
#define FERRET_INLINE [[gnu::always_inline]] inline
#else
#define FERRET_INLINE inline
#endif
#if defined(__x86_64__) && defined(__GNUC__)
#define FERRET_AVX2 [[gnu::target("avx2,fma")]]
#define FERRET_AVX512 [[gnu::target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]]
#endif

namespace ferret::cpu {

/// The words of a group of Philox calls in the order of the elements: 16 lanes of half 0, then of
/// half 1.
using GroupWords = std::array<std::uint32_t, 2 * lanes>;

/// Math:   Philox4x32-10 of eight consecutive counters, in the lane order of word_order.hpp
FERRET_INLINE void philox_group(const PhiloxWords& first, const PhiloxKey& key, GroupWords& out) {
    constexpr std::size_t n = counters_per_group;
    std::uint32_t c0[n], c1[n], c2[n], c3[n];
    for (std::size_t i = 0; i < n; ++i) {
        c0[i] = first[0] + static_cast<std::uint32_t>(i);
        c1[i] = first[1];
        c2[i] = first[2];
        c3[i] = first[3];
    }
    std::uint32_t key0 = key[0];
    std::uint32_t key1 = key[1];
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * c0[i];
            const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * c2[i];
            c0[i] = static_cast<std::uint32_t>(product1 >> 32) ^ c1[i] ^ key0;
            c1[i] = static_cast<std::uint32_t>(product1);
            c2[i] = static_cast<std::uint32_t>(product0 >> 32) ^ c3[i] ^ key1;
            c3[i] = static_cast<std::uint32_t>(product0);
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (std::size_t i = 0; i < n; ++i) {
        out[2 * i] = c1[i];
        out[2 * i + 1] = c0[i];
        out[lanes + 2 * i] = c3[i];
        out[lanes + 2 * i + 1] = c2[i];
    }
}

/// Where a tile's random bits come from: basis k of a block, elements from first_element on.
struct TileSource {
    PhiloxKey key;
    std::uint32_t block;
    std::uint32_t basis;
    std::uint64_t first_element;  ///< a multiple of the tile's size
};

/// The inner loops over one tile and one basis.
template <DenseBasis B>
class DenseKernels {
public:
    using Block = typename B::Block;

    /// Math:   the tile's sum in the canonical order of tiling.hpp
    /// Shapes: tile: tile_size floats, zero from count on
    static float dot(InstructionSet set, const Block& block, const TileSource& source,
                     std::size_t count, const float* tile) {
#ifdef FERRET_AVX512
        if (set == InstructionSet::avx512) return dot_avx512(block, source, count, tile);
        if (set == InstructionSet::avx2) return dot_avx2(block, source, count, tile);
#endif
        static_cast<void>(set);
        return dot_body(block, source, count, tile);
    }

    /// Math:   update[i] = fma(coefficient, raw value i, update[i])
    static void add(InstructionSet set, const Block& block, const TileSource& source,
                    std::size_t count, float coefficient, float* update) {
#ifdef FERRET_AVX512
        if (set == InstructionSet::avx512)
            return add_avx512(block, source, count, coefficient, update);
        if (set == InstructionSet::avx2) return add_avx2(block, source, count, coefficient, update);
#endif
        static_cast<void>(set);
        add_body(block, source, count, coefficient, update);
    }

private:
    static constexpr unsigned parts = B::parts_per_word;
    static constexpr std::size_t group_size = elements_per_group(parts);
    static constexpr std::size_t half_size = group_size / 2;

    FERRET_INLINE static void generate(const Block& block, const TileSource& source,
                                       std::size_t count, float* raw) {
        const std::uint64_t call = source.first_element / group_size * counters_per_group;
        const PhiloxWords start = basis_counter(call, source.basis, source.block);
        for (std::size_t at = 0; at < count; at += group_size) {
            GroupWords words;
            // A tile never crosses a multiple of 2^32 calls, so the low word cannot wrap.
            philox_group(
                {start[0] + static_cast<std::uint32_t>(at / group_size * counters_per_group),
                 start[1], start[2], start[3]},
                source.key, words);
            for (unsigned part = 0; part < parts; ++part) {
                for (std::size_t lane = 0; lane < lanes; ++lane) {
                    const std::array<float, 2> pair =
                        block.raw_values(words[lane], words[lanes + lane], part);
                    raw[at + part * lanes + lane] = pair[0];
                    raw[at + half_size + part * lanes + lane] = pair[1];
                }
            }
        }
    }

    FERRET_INLINE static float dot_body(const Block& block, const TileSource& source,
                                        std::size_t count, const float* tile) {
        alignas(64) std::array<float, tile_size> raw;
        generate(block, source, count, raw.data());
        alignas(64) std::array<float, lanes> sums{};
        for (std::size_t row = 0; row < count; row += lanes)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                sums[lane] = std::fma(tile[row + lane], raw[row + lane], sums[lane]);
        for (std::size_t width = lanes / 2; width > 0; width /= 2)
            for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
        return sums[0];
    }

    FERRET_INLINE static void add_body(const Block& block, const TileSource& source,
                                       std::size_t count, float coefficient, float* update) {
        alignas(64) std::array<float, tile_size> raw;
        generate(block, source, count, raw.data());
        for (std::size_t row = 0; row < count; row += lanes)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                update[row + lane] = std::fma(coefficient, raw[row + lane], update[row + lane]);
    }

#ifdef FERRET_AVX512
    FERRET_AVX2 static float dot_avx2(const Block& block, const TileSource& source,
                                      std::size_t count, const float* tile) {
        return dot_body(block, source, count, tile);
    }
    FERRET_AVX512 static float dot_avx512(const Block& block, const TileSource& source,
                                          std::size_t count, const float* tile) {
        return dot_body(block, source, count, tile);
    }
    FERRET_AVX2 static void add_avx2(const Block& block, const TileSource& source,
                                     std::size_t count, float coefficient, float* update) {
        add_body(block, source, count, coefficient, update);
    }
    FERRET_AVX512 static void add_avx512(const Block& block, const TileSource& source,
                                         std::size_t count, float coefficient, float* update) {
        add_body(block, source, count, coefficient, update);
    }
#endif
};

}  // namespace ferret::cpu
