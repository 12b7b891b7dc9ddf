#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../../../basis/basis.hpp"
#include "../../../rng/philox.hpp"
#include "../../../rng/seed.hpp"
#include "../../../rng/word_order.hpp"
#include "../../../wire/normal_rounding.hpp"
#include "../few_bits_kernels.hpp"
#include "../fingerprint_kernels.hpp"
#include "../kernels.hpp"

namespace ferret::cpu::portable {

/// The words of a group.
/// Math:   Philox4x32-10 of eight consecutive counters, in the lane order of word_order.hpp
inline void philox_group(const PhiloxWords& first, const PhiloxKey& key, std::uint32_t* out) {
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
    for (unsigned round = 0; round < philox_rounds; ++round) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t product0 = std::uint64_t{philox_multipliers[0]} * c0[i];
            const std::uint64_t product1 = std::uint64_t{philox_multipliers[1]} * c2[i];
            c0[i] = static_cast<std::uint32_t>(product1 >> 32) ^ c1[i] ^ key0;
            c1[i] = static_cast<std::uint32_t>(product1);
            c2[i] = static_cast<std::uint32_t>(product0 >> 32) ^ c3[i] ^ key1;
            c3[i] = static_cast<std::uint32_t>(product0);
        }
        key0 += philox_key_steps[0];
        key1 += philox_key_steps[1];
    }
    for (std::size_t i = 0; i < n; ++i) {
        out[2 * i] = c1[i];
        out[2 * i + 1] = c0[i];
        out[lanes + 2 * i] = c3[i];
        out[lanes + 2 * i + 1] = c2[i];
    }
}

/// The loops of philox_lanes.inl in plain C++.
struct WordLoops {
    static constexpr std::uint32_t bases_at_once = 1;

    template <std::uint32_t N>
    static void make_words(const WordSource& source, std::uint64_t first_call, std::size_t groups,
                           std::uint32_t* words) {
        for (std::uint32_t n = 0; n < N; ++n)
            for (std::size_t group = 0; group < groups; ++group, words += words_per_group) {
                const PhiloxWords first = basis_counter(first_call + group * counters_per_group,
                                                        source.basis + n, source.block);
                philox_group(first, source.key, words);
            }
    }
};

/// The loops of dense_loops.inl in plain C++.
struct DenseLoops {
    template <DenseBasis B, std::uint32_t N>
    static void dot(const void* law, const std::uint32_t* words, std::size_t groups,
                    const float* values, float* lane_sums) {
        for (std::uint32_t n = 0; n < N; ++n, lane_sums += lanes)
            for (std::size_t group = 0; group < groups; ++group, words += words_per_group) {
                constexpr std::size_t size = elements_per_group(B::parts_per_word);
                std::array<float, size> raw;
                raw_values<B>(law, words, raw.data());
                for (std::size_t i = 0; i < size; ++i)
                    lane_sums[i % lanes] =
                        std::fma(values[group * size + i], raw[i], lane_sums[i % lanes]);
            }
    }

    template <DenseBasis B, std::uint32_t N>
    static void add_raw(const void* law, const std::uint32_t* words, std::size_t groups,
                        const float* coefficients, float* update) {
        constexpr std::size_t size = elements_per_group(B::parts_per_word);
        for (std::uint32_t n = 0; n < N; ++n)
            for (std::size_t group = 0; group < groups; ++group, words += words_per_group) {
                std::array<float, size> raw;
                raw_values<B>(law, words, raw.data());
                for (std::size_t i = 0; i < size; ++i)
                    update[group * size + i] =
                        std::fma(coefficients[n], raw[i], update[group * size + i]);
            }
    }

private:
    template <DenseBasis B>
    static void raw_values(const void* law, const std::uint32_t* words, float* raw) {
        const auto& block = *static_cast<const typename B::Block*>(law);
        for (unsigned part = 0; part < B::parts_per_word; ++part)
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                const std::array<float, 2> pair =
                    block.raw_values(words[lane], words[lanes + lane], part);
                raw[part * lanes + lane] = pair[0];
                raw[(B::parts_per_word + part) * lanes + lane] = pair[1];
            }
    }
};

/// The loops of memory_loops.inl in plain C++.
struct MemoryLoops {
    template <class T>
    static constexpr bool is_loaded_in_place = !std::is_same_v<T, double>;

    template <class T>
    static void load_values(const UpdateSource& from, std::size_t count, float* out) {
        for (std::size_t i = 0; i < count; ++i) out[i] = value_of<T>(from, i);
    }
    template <class T>
    static void load_differences(const UpdateSource& from, std::size_t count, float* out) {
        for (std::size_t i = 0; i < count; ++i) out[i] = difference_of<T>(from, i);
    }

    template <class T>
    static void add(void* to, const float* update, std::size_t count) {
        auto* stored = static_cast<T*>(to);
        for (std::size_t i = 0; i < count; ++i) stored[i] = sum(stored[i], update[i]);
    }
    static void add_to_totals(double* totals, const float* values, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) totals[i] += static_cast<double>(values[i]);
    }

    static double sum_of_squares(const float* values, std::size_t count) {
        std::array<double, lanes> sums{};
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = static_cast<double>(values[i]);
            sums[i % lanes] = std::fma(value, value, sums[i % lanes]);
        }
        return add_lanes(sums.data());
    }

    template <class T>
    static float value_of(const UpdateSource& from, std::size_t i) {
        return static_cast<float>(static_cast<const T*>(from.before)[i]);
    }
    template <class T>
    static float difference_of(const UpdateSource& from, std::size_t i) {
        return value_of<T>(from, i) - static_cast<float>(static_cast<const T*>(from.after)[i]);
    }
};

/// The loops of sparse_loops.inl in plain C++.
struct SparseLoops {
    template <class T>
    static constexpr bool is_signed_in_place = true;

    template <class T>
    static void add_signed_values(SignWords& signs, std::uint64_t first, const UpdateSource& from,
                                  std::size_t count, float* sums, std::int64_t) {
        for_each_sign(signs, first, count, [&](std::size_t i, std::uint32_t sign) {
            sums[i] += flip_sign(MemoryLoops::value_of<T>(from, i), sign);
        });
    }
    template <class T>
    static void add_signed_differences(SignWords& signs, std::uint64_t first,
                                       const UpdateSource& from, std::size_t count, float* sums,
                                       std::int64_t) {
        for_each_sign(signs, first, count, [&](std::size_t i, std::uint32_t sign) {
            sums[i] += flip_sign(MemoryLoops::difference_of<T>(from, i), sign);
        });
    }
    template <class T>
    static void add_signed_to_stored(SignWords& signs, std::uint64_t first, const float* factors,
                                     std::size_t count, void* to, std::int64_t) {
        auto* stored = static_cast<T*>(to);
        for_each_sign(signs, first, count, [&](std::size_t i, std::uint32_t sign) {
            stored[i] = sum(stored[i], 0.0f + flip_sign(factors[i], sign));
        });
    }

private:
    static float flip_sign(float value, std::uint32_t sign) {
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign);
    }

    /// visit(i, sign bit of element `first + i`) for each i < count
    template <class Visit>
    static void for_each_sign(const SignWords& signs, std::uint64_t first, std::size_t count,
                              const Visit& visit) {
        constexpr unsigned parts = SignWords::parts;
        constexpr std::size_t group_size = SignWords::group_size;
        for (std::size_t done = 0; done < count;) {
            const std::uint64_t group = (first + done) / group_size;
            const auto begin = static_cast<std::size_t>((first + done) % group_size);
            const std::size_t end = (std::min)(group_size, begin + (count - done));
            std::array<std::uint32_t, words_per_group> words;
            philox_group(basis_counter(group * counters_per_group, 0, signs.block), signs.key,
                         words.data());
            for (std::size_t at = begin; at < end; ++at, ++done) {
                const std::uint32_t word = words[at / (lanes * parts) * lanes + at % lanes];
                visit(done, (word << (at / lanes % parts)) & 0x80000000u);
            }
        }
    }
};

/// The loop of fingerprint_loops.inl in plain C++.
struct FingerprintLoops {
    template <class T>
    static std::uint64_t sum_of_products(const void* memory, const void* lane_keys,
                                         std::size_t first, std::size_t count) {
        const auto* elements = static_cast<const T*>(memory);
        const auto& keys = *static_cast<const LaneKeys<elements_per_lane<T>>*>(lane_keys);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) sum += bits_of(elements[i]) * keys[first + i];
        return sum;
    }
};

/// The loops of few_bits_loops.inl in plain C++.
struct FewBitsLoops {
    static void flip_signs(const float* from, float factor, const std::uint32_t* words,
                           std::size_t count, float* to) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t row = i / lanes;
            const std::uint32_t word = words[row / 32 * lanes + i % lanes];
            const std::uint32_t sign = (word << row % 32) & 0x80000000u;
            to[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(factor * from[i]) ^ sign);
        }
    }

    static std::uintptr_t hadamard(float* values, std::size_t count, std::size_t shortest,
                                   std::uintptr_t ahead) {
        for (std::size_t distance = shortest; distance < count; distance *= 2)
            for (std::size_t begin = 0; begin < count; begin += 2 * distance)
                for (std::size_t i = begin; i < begin + distance; ++i) {
                    const float first = values[i];
                    const float second = values[i + distance];
                    values[i] = first + second;
                    values[i + distance] = first - second;
                }
        return ahead;
    }

    static std::uintptr_t turn(const float* from, float factor, const std::uint32_t* words,
                               float* to, std::size_t count, std::size_t shortest,
                               std::uintptr_t ahead) {
        flip_signs(from, factor, words, count, to);
        return hadamard(to, count, shortest, ahead);
    }

    static float largest_magnitude(const float* values, std::size_t count) {
        float largest = 0.0f;
        for (std::size_t i = 0; i < count; ++i) largest = (std::max)(largest, std::abs(values[i]));
        return largest;
    }

    static float few_bits_sum_of_squares(const float* values, std::size_t count) {
        std::array<float, plane_group> sums{};
        for (std::size_t i = 0; i < count; ++i)
            sums[i % plane_group] = std::fma(values[i], values[i], sums[i % plane_group]);
        return add_group_lanes(sums.data());
    }

    template <unsigned Bits>
    static float pack(const float* values, std::size_t count, float deviation,
                      std::uint32_t* planes) {
        std::array<float, plane_group> sums{};
        std::fill_n(planes, count / plane_group * Bits, 0u);
        for (std::size_t i = 0; i < count; ++i) {
            const float magnitude = std::abs(values[i]);
            const RoundedMagnitude rounded = round_magnitude<Bits>(magnitude, deviation);
            const std::uint32_t negative = std::signbit(values[i]) ? 1 : 0;
            const std::uint32_t bits = negative << (Bits - 1) | rounded.number;
            const std::size_t lane = i % plane_group;
            for (unsigned plane = 0; plane < Bits; ++plane)
                planes[i / plane_group * Bits + plane] |= (bits >> (Bits - 1 - plane) & 1) << lane;
            sums[lane] = std::fma(magnitude, rounded.level, sums[lane]);
        }
        return add_group_lanes(sums.data());
    }

    template <unsigned Bits>
    static void unpack(const std::uint32_t* planes, std::size_t count, float* values) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t* group = planes + i / plane_group * Bits;
            const auto bit = [&](unsigned plane) { return group[plane] >> i % plane_group & 1; };
            std::uint32_t number = 0;
            for (unsigned plane = 1; plane < Bits; ++plane) number = number << 1 | bit(plane);
            const float level = normal_level<Bits>(number);
            values[i] = bit(0) != 0 ? -level : level;
        }
    }
};

struct Loops : WordLoops, DenseLoops, SparseLoops, MemoryLoops, FingerprintLoops, FewBitsLoops {};

}  // namespace ferret::cpu::portable
