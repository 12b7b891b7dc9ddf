#pragma once

/// Coordinates in few bits by the obvious loops: slow, plain, and the oracle of the tests of few_bits.hpp.
/// One number at a time; nothing is shared with the kernels but the chunks, the levels and the keys.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../basis/rademacher.hpp"
#include "../floating_point.hpp"
#include "../little_endian.hpp"
#include "../reference.hpp"
#include "few_bits.hpp"
#include "normal_levels.hpp"

namespace ferret::reference {

/// The magnitudes that numbers are rounded to up to 4 bits, in standard deviations.
inline std::span<const float> normal_levels(unsigned bits) {
    switch (bits) {
        case 1:
            return NormalLevels<1>::levels;
        case 2:
            return NormalLevels<2>::levels;
        case 3:
            return NormalLevels<3>::levels;
        default:
            return NormalLevels<4>::levels;
    }
}

/// The magnitudes between them.
inline std::span<const float> normal_thresholds(unsigned bits) {
    switch (bits) {
        case 1:
            return NormalLevels<1>::thresholds;
        case 2:
            return NormalLevels<2>::thresholds;
        case 3:
            return NormalLevels<3>::thresholds;
        default:
            return NormalLevels<4>::thresholds;
    }
}

/// The number of the level that a magnitude is rounded to.
inline unsigned level_number(float magnitude, float deviation, unsigned bits) {
    if (bits == 8) {
        const float steps_per_unit = 1.0f / (deviation * eight_bit_step);
        constexpr float integers = 0x1p23f;  // above it floats are integers
        const float rounded = std::fma(magnitude, steps_per_unit, integers) - integers;
        return static_cast<unsigned>((std::min)(rounded, eight_bit_largest));
    }
    unsigned number = 0;
    for (const float threshold : normal_thresholds(bits))
        if (magnitude > threshold * deviation) ++number;
    return number;
}

/// What it is rebuilt as, before the chunk's scale.
inline float level_of(unsigned number, unsigned bits) {
    return bits == 8 ? static_cast<float>(number) : normal_levels(bits)[number];
}

/// Flips the signs of a chunk's numbers for a turn.
/// Math:   by the raw values of Rademacher's basis `chunk` of block `rotation number`
inline void flip_signs(std::span<float> values, const Rotation& rotation, unsigned turn,
                       std::size_t chunk) {
    const Rademacher::Block law(values.size());
    const PhiloxKey key = rotation_key(rotation.seed, turn);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] *=
            raw_value<Rademacher>(law, key, rotation.number, static_cast<std::uint32_t>(chunk), i);
}

/// The butterflies of a turn, the shortest first.
inline void turn(std::span<float> values, std::size_t shortest) {
    for (std::size_t distance = shortest; distance < values.size(); distance *= 2)
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i / distance % 2 != 0) continue;
            const float first = values[i];
            const float second = values[i + distance];
            values[i] = first + second;
            values[i + distance] = first - second;
        }
}

/// The sum of products in 32 lanes, which are then added as a tree.
inline float sum_of_products(std::span<const float> a, std::span<const float> b) {
    std::array<float, 32> sums{};
    for (std::size_t i = 0; i < a.size(); ++i) sums[i % 32] = std::fma(a[i], b[i], sums[i % 32]);
    for (std::size_t width = 16; width > 0; width /= 2)
        for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
    return sums[0];
}

/// The byte of a chunk's planes that holds a plane's bit of number i; the bit is i mod 8.
inline std::size_t plane_byte(std::size_t i, unsigned plane, unsigned bits) {
    return 4 * (i / 32 * bits + plane) + i % 32 / 8;
}

/// Appends a chunk's scale and planes.
/// Shapes: coordinates: those of the chunk
inline void encode_chunk(std::span<const float> coordinates, std::size_t size, std::size_t chunk,
                         unsigned bits, const Rotation& rotation, std::vector<std::byte>& bytes) {
    std::vector<float> values(coordinates.begin(), coordinates.end());
    values.resize(size, 0.0f);
    float largest = 0.0f;
    for (const float value : values) largest = (std::max)(largest, std::abs(value));
    std::vector<std::byte> planes(size / 8 * bits);
    if (largest == 0.0f) {
        append_little_endian(bytes, std::uint32_t{0});
        bytes.insert(bytes.end(), planes.begin(), planes.end());
        return;
    }
    const int exponent = (std::max)(std::ilogb(largest), -126);
    for (float& value : values) value *= std::ldexp(1.0f, -exponent);
    double gain = 1.0;
    for (unsigned t = 0; t < rotation_turns; ++t) {
        flip_signs(values, rotation, t, chunk);
        turn(values, shortest_distance(t, size));
        gain *= static_cast<double>(turn_gain(t, size));
    }
    const float squares = sum_of_products(values, values);
    const float deviation = std::sqrt(squares / static_cast<float>(size));
    std::vector<float> magnitudes;
    std::vector<float> levels;
    for (std::size_t i = 0; i < size; ++i) {
        magnitudes.push_back(std::abs(values[i]));
        const unsigned number = level_number(magnitudes[i], deviation, bits);
        levels.push_back(level_of(number, bits));
        const unsigned all = number + (std::signbit(values[i]) ? 1u << (bits - 1) : 0u);
        for (unsigned plane = 0; plane < bits; ++plane)
            if ((all >> (bits - 1 - plane) & 1u) != 0)
                planes[plane_byte(i, plane, bits)] |= std::byte{1} << (i % 8);
    }
    const float products = sum_of_products(magnitudes, levels);
    const double scale = static_cast<double>(squares) / static_cast<double>(products) / gain;
    append_little_endian(
        bytes, std::bit_cast<std::uint32_t>(static_cast<float>(std::ldexp(scale, exponent))));
    bytes.insert(bytes.end(), planes.begin(), planes.end());
}

/// A chunk's numbers, with the zeros at its end rebuilt as well.
inline std::vector<float> decode_chunk(std::span<const std::byte> bytes, std::size_t size,
                                       std::size_t chunk, unsigned bits, const Rotation& rotation) {
    const auto scale = std::bit_cast<float>(read_little_endian<std::uint32_t>(bytes, 0));
    std::vector<float> values(size, 0.0f);
    if (scale == 0.0f) return values;
    const std::span<const std::byte> planes = bytes.subspan(4);
    for (std::size_t i = 0; i < size; ++i) {
        unsigned all = 0;
        for (unsigned plane = 0; plane < bits; ++plane)
            all = 2 * all + std::to_integer<unsigned>(
                                planes[plane_byte(i, plane, bits)] >> (i % 8) & std::byte{1});
        const unsigned negative = 1u << (bits - 1);
        values[i] = level_of(all % negative, bits);
        if (all >= negative) values[i] = -values[i];
    }
    for (unsigned t = rotation_turns; t-- > 0;) {
        turn(values, shortest_distance(t, size));
        if (t == 0)
            for (float& value : values) value *= scale;
        flip_signs(values, rotation, t, chunk);
    }
    return values;
}

/// The bytes of ferret::encode_few_bits.
/// Shapes: coordinates: finite and under few_bits_limit
inline std::vector<std::byte> encode_few_bits(std::span<const float> coordinates,
                                              std::span<const RotatedChunk> chunks,
                                              CoordinateFormat format, const Rotation& rotation) {
    const IeeeArithmetic ieee;
    std::vector<std::byte> bytes;
    for (std::size_t c = 0; c < chunks.size(); ++c)
        encode_chunk(coordinates.subspan(chunks[c].first, chunks[c].count), chunks[c].size, c,
                     bits_of(format), rotation, bytes);
    return bytes;
}

/// The coordinates of ferret::decode_few_bits.
/// Shapes: bytes: what an encoder wrote
inline std::vector<float> decode_few_bits(std::span<const std::byte> bytes,
                                          std::span<const RotatedChunk> chunks,
                                          CoordinateFormat format, const Rotation& rotation) {
    const IeeeArithmetic ieee;
    std::vector<float> coordinates;
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        const std::vector<float> values =
            decode_chunk(bytes, chunks[c].size, c, bits_of(format), rotation);
        coordinates.insert(coordinates.end(), values.begin(),
                           values.begin() + static_cast<std::ptrdiff_t>(chunks[c].count));
        bytes = bytes.subspan(4 + chunks[c].size / 8 * bits_of(format));
    }
    return coordinates;
}

}  // namespace ferret::reference
