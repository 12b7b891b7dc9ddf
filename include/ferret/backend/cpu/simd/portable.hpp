#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../../../basis/basis.hpp"
#include "../../../block/tiling.hpp"
#include "../../../rng/philox.hpp"
#include "../../../rng/seed.hpp"
#include "../../../rng/word_order.hpp"
#include "../loop_arguments.hpp"

namespace ferret::cpu::portable {

/// The words of a group of Philox calls in the order of the elements: 16 lanes of half 0, then of
/// half 1.
using GroupWords = std::array<std::uint32_t, 2 * lanes>;

/// Math:   Philox4x32-10 of eight consecutive counters, in the lane order of word_order.hpp
inline void philox_group(const PhiloxWords& first, const PhiloxKey& key, GroupWords& out) {
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

/// The loops of dense_loops.inl in plain C++.
template <DenseBasis B>
class DenseLoops {
public:
    using Block = typename B::Block;

    static void dot(const Block& block, const TileSource& source, std::uint32_t bases,
                    std::size_t count, const float* tile, double* totals) {
        for (std::uint32_t n = 0; n < bases; ++n) {
            std::array<float, tile_size> raw;
            generate(block, source, source.basis + n, count, raw.data());
            std::array<float, lanes> sums{};
            for (std::size_t row = 0; row < count; row += lanes)
                for (std::size_t lane = 0; lane < lanes; ++lane)
                    sums[lane] = std::fma(tile[row + lane], raw[row + lane], sums[lane]);
            totals[n] += static_cast<double>(add_lanes(sums));
        }
    }

    static void add(const Block& block, const TileSource& source, std::uint32_t bases,
                    std::size_t count, const float* coefficients, float* update) {
        for (std::uint32_t n = 0; n < bases; ++n) {
            std::array<float, tile_size> raw;
            generate(block, source, source.basis + n, count, raw.data());
            for (std::size_t i = 0; i < count; ++i)
                update[i] = std::fma(coefficients[n], raw[i], update[i]);
        }
    }

private:
    static constexpr unsigned parts = B::parts_per_word;
    static constexpr std::size_t group_size = elements_per_group(parts);
    static constexpr std::size_t half_size = group_size / 2;

    static void generate(const Block& block, const TileSource& source, std::uint32_t basis,
                         std::size_t count, float* raw) {
        const std::uint64_t call = source.first_element / group_size * counters_per_group;
        const PhiloxWords start = basis_counter(call, basis, source.block);
        for (std::size_t at = 0; at < count; at += group_size) {
            GroupWords words;
            // A tile never crosses a multiple of 2^32 calls, so the low word cannot
            // wrap.
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
};

/// The loops of memory_loops.inl in plain C++.
struct MemoryLoops {
    template <class Source>
    static void copy(const Source& from, std::size_t count, float* out) {
        for (std::size_t i = 0; i < count; ++i) out[i] = from[i];
    }

    template <class T>
    static void add(T* stored, const float* update, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) stored[i] = sum(stored[i], update[i]);
    }

    static double sum_of_squares(const float* values, std::size_t count) {
        std::array<double, lanes> sums{};
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = static_cast<double>(values[i]);
            sums[i % lanes] = std::fma(value, value, sums[i % lanes]);
        }
        return add_lanes(sums);
    }
};

/// The loop of sparse_loops.inl in plain C++.
struct SparseLoops {
    template <class Source, class Target>
    static void add_signed(const SignSource& signs, std::uint64_t first, const Source& from,
                           std::size_t count, const Target& to, std::int64_t) {
        constexpr unsigned parts = SparseSign::parts_per_word;
        constexpr std::size_t group_size = elements_per_group(parts);
        for (std::size_t done = 0; done < count;) {
            const std::uint64_t group = (first + done) / group_size;
            const auto begin = static_cast<std::size_t>((first + done) % group_size);
            const std::size_t end = (std::min)(group_size, begin + (count - done));
            GroupWords words;
            philox_group(basis_counter(group * counters_per_group, 0, signs.block), signs.key,
                         words);
            for (std::size_t at = begin; at < end; ++at, ++done) {
                const std::uint32_t word = words[at / (lanes * parts) * lanes + at % lanes];
                const std::uint32_t sign = (word << (at / lanes % parts)) & 0x80000000u;
                const float value = from[done];
                to.add(done, std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign));
            }
        }
    }
};

/// The loop of fingerprint_loops.inl in plain C++.
struct FingerprintLoops {
    template <class T>
    static std::uint64_t sum_of_products(const T* elements,
                                         const LaneKeys<elements_per_lane<T>>& keys,
                                         std::size_t first, std::size_t count) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) sum += bits_of(elements[i]) * keys[first + i];
        return sum;
    }
};

struct Loops : MemoryLoops, SparseLoops, FingerprintLoops {
    template <DenseBasis B>
    using Dense = DenseLoops<B>;
};

}  // namespace ferret::cpu::portable
