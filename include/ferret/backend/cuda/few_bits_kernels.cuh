#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "../../wire/few_bits.hpp"
#include "../../wire/normal_rounding.hpp"
#include "rotated_chunk.cuh"

namespace ferret::cuda {

/// A chunk of a message, and where in the message's words its scale lies, before its planes.
struct PlacedChunk {
    std::uint64_t first;
    std::uint32_t count;
    std::uint32_t size;
    std::uint64_t scale_word;
};

/// What the scale of a chunk is made of, and what tells whether it has one.
struct ChunkSums {
    float largest;  ///< magnitude: a nan where there is one
    float squares;
    float products;
};

/// A chunk is divided by 2^this, so that nothing overflows or vanishes on the way.
/// Math:   max(floor(log2 largest), -126)
FERRET_HOST_DEVICE inline int chunk_exponent(float largest) {
    const auto exponent = static_cast<int>(std::bit_cast<std::uint32_t>(largest) >> 23);
    return (exponent > 1 ? exponent : 1) - 127;
}

/// Rotates and rounds coordinates: a task a chunk. Writes all words but the scales.
template <unsigned Bits>
struct EncodeFewBits {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 4;
    using Shared = ChunkInWork;

    const PlacedChunk* chunks;
    RotationView rotation;
    const float* coordinates;
    std::uint32_t* words;
    ChunkSums* sums;

    FERRET_DEVICE void operator()(const Team& team, Shared& values, std::uint64_t index) const {
        const PlacedChunk chunk = chunks[index];
        const auto chunk_number = static_cast<std::uint32_t>(index);
        team.transfer(
            chunk.size,
            [&](unsigned i) { return i < chunk.count ? coordinates[chunk.first + i] : 0.0f; },
            [&](unsigned i, float value) { values[i] = value; });
        const float largest = values.over_lanes(
            team, chunk.size,
            [](float most, float value) { return larger(most, magnitude_of(value)); }, larger);
        std::uint32_t* const planes = words + chunk.scale_word + 1;
        if (!(largest > 0.0f && largest < few_bits_limit)) {
            team.for_each(chunk.size / numbers_per_word * Bits,
                          [&](unsigned word) { planes[word] = 0; });
            team.for_each(1, [&](unsigned) { sums[index] = {largest, 0.0f, 0.0f}; });
            return;
        }
        const auto shift = static_cast<std::uint32_t>(127 - chunk_exponent(largest));
        values.turn_there(team, rotation, 0, chunk_number, chunk.size,
                          std::bit_cast<float>(shift << 23));
        values.turn_there(team, rotation, 1, chunk_number, chunk.size, 1.0f);
        const float squares = values.over_lanes(
            team, chunk.size, [](float sum, float value) { return std::fma(value, value, sum); },
            add);
        const float deviation = std::sqrt(squares / static_cast<float>(chunk.size));
        team.for_each(chunk.size / numbers_per_word,
                      [&](unsigned row) { pack(values, row, deviation, planes + row * Bits); });
        const float products = values.over_lanes(
            team, chunk.size,
            [&](float sum, float value) {
                const float magnitude = magnitude_of(value);
                return std::fma(magnitude, round_magnitude<Bits>(magnitude, deviation).level, sum);
            },
            add);
        team.for_each(1, [&](unsigned) { sums[index] = {largest, squares, products}; });
    }

private:
    FERRET_DEVICE static float magnitude_of(float value) {
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0x7FFFFFFFu);
    }
    /// Of magnitudes. A nan is larger than any number.
    FERRET_DEVICE static float larger(float a, float b) {
        return std::bit_cast<std::uint32_t>(a) < std::bit_cast<std::uint32_t>(b) ? b : a;
    }
    FERRET_DEVICE static float add(float a, float b) { return a + b; }

    /// Rounds a row of 32 numbers: a bit of each in every word of its planes.
    FERRET_DEVICE static void pack(Shared& values, unsigned row, float deviation,
                                   std::uint32_t* planes) {
        std::uint32_t made[Bits] = {};
        for (unsigned i = 0; i < numbers_per_word; ++i) {
            const float value = values[row * numbers_per_word + i];
            const std::uint32_t negative = std::bit_cast<std::uint32_t>(value) >> 31;
            const std::uint32_t bits = negative << (Bits - 1) |
                                       round_magnitude<Bits>(magnitude_of(value), deviation).number;
            FERRET_UNROLL_LOOP
            for (unsigned plane = 0; plane < Bits; ++plane)
                made[plane] |= (bits >> (Bits - 1 - plane) & 1) << i;
        }
        FERRET_UNROLL_LOOP
        for (unsigned plane = 0; plane < Bits; ++plane) planes[plane] = made[plane];
    }
};

/// Rebuilds them: a task a chunk.
template <unsigned Bits>
struct DecodeFewBits {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 4;
    using Shared = ChunkInWork;

    const PlacedChunk* chunks;
    RotationView rotation;
    const std::uint32_t* words;
    float* coordinates;

    FERRET_DEVICE void operator()(const Team& team, Shared& values, std::uint64_t index) const {
        const PlacedChunk chunk = chunks[index];
        const auto chunk_number = static_cast<std::uint32_t>(index);
        float* const to = coordinates + chunk.first;
        const auto scale = std::bit_cast<float>(words[chunk.scale_word]);
        if (scale == 0.0f) {
            team.for_each(chunk.count, [&](unsigned i) { to[i] = 0.0f; });
            return;
        }
        const std::uint32_t* const planes = words + chunk.scale_word + 1;
        team.for_each(chunk.size, [&](unsigned i) {
            values[i] = unpack(planes + i / numbers_per_word * Bits, i % numbers_per_word);
        });
        values.turn_back(team, rotation, 1, chunk_number, chunk.size, 1.0f,
                         [&](unsigned i, float value) { values[i] = value; });
        values.turn_back(team, rotation, 0, chunk_number, chunk.size, scale,
                         [&](unsigned i, float value) {
                             if (i < chunk.count) to[i] = value;
                         });
    }

private:
    /// Number `i` of a row with these planes: its level, with its sign.
    FERRET_DEVICE static float unpack(const std::uint32_t* planes, unsigned i) {
        std::uint32_t number = 0;
        FERRET_UNROLL_LOOP
        for (unsigned plane = 1; plane < Bits; ++plane)
            number = number << 1 | (planes[plane] >> i & 1);
        const auto level = std::bit_cast<std::uint32_t>(normal_level<Bits>(number));
        return std::bit_cast<float>(level ^ (planes[0] >> i & 1) << 31);
    }
};

}  // namespace ferret::cuda
