#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "crc64.hpp"
#include "error.hpp"
#include "floating_point.hpp"
#include "little_endian.hpp"
#include "sketch.hpp"

namespace ferret {

/// How coordinates travel.
enum class CoordinateFormat : std::uint8_t {
    float32 = 1,  ///< 4 bytes each, exact
    int16 = 2,    ///< 2 bytes each and a float scale a block: off by at most half the scale,
                  ///< or 2^-135 where that is subnormal
};

/// Version of the message format that this library writes and reads.
inline constexpr std::uint16_t wire_version = 1;

namespace detail {

inline constexpr std::array<std::byte, 4> wire_magic{std::byte{'F'}, std::byte{'R'}, std::byte{'R'},
                                                     std::byte{'T'}};
inline constexpr std::size_t wire_header_size = 36;
inline constexpr std::size_t wire_checksum_size = 8;

inline float scale_of(std::span<const float> coordinates) {
    float largest = 0.0f;
    for (const float coordinate : coordinates) largest = (std::max)(largest, std::abs(coordinate));
    const float scale = largest / 32767.0f;
    // Rounded up, the scale of the largest float would overflow on the way back.
    return is_finite(scale * 32767.0f) ? scale : std::nextafter(scale, 0.0f);
}

inline std::int16_t quantise(float coordinate, float scale) {
    if (scale == 0.0f) return 0;
    // A subnormal scale is rounded so coarsely that the quotient can leave the range.
    const float steps = std::clamp(coordinate / scale, -32767.0f, 32767.0f);
    return static_cast<std::int16_t>(std::nearbyint(steps));
}

}  // namespace detail

/// Writes a sketch as a message.
///
/// The format is docs/wire.md's.
/// Cost:   44 + 4 L bytes, and 4 K (float32) or 2 K + 4 L (int16)
/// Throws: SketchMismatch if the coordinates are not those of its blocks; NonFinite for a
///         coordinate that is not a finite number
/// Repro:  the same bytes on every machine
inline std::vector<std::byte> encode(const Sketch& sketch,
                                     CoordinateFormat format = CoordinateFormat::float32) {
    check_coordinates(sketch, "encode");
    const IeeeArithmetic ieee;

    std::vector<std::byte> message(detail::wire_magic.begin(), detail::wire_magic.end());
    append_little_endian(message, wire_version);
    append_little_endian(message, static_cast<std::uint8_t>(sketch.basis));
    append_little_endian(message, static_cast<std::uint8_t>(format));
    append_little_endian(message, sketch.seed.value);
    append_little_endian(message, sketch.seed.round);
    append_little_endian(message, sketch.layout_fingerprint);
    append_little_endian(message, static_cast<std::uint32_t>(sketch.bases_per_block.size()));
    for (const std::uint32_t bases : sketch.bases_per_block) append_little_endian(message, bases);

    std::span<const float> left(sketch.coordinates);
    for (const std::uint32_t bases : sketch.bases_per_block) {
        const std::span<const float> block = left.first(bases);
        left = left.subspan(bases);
        if (format == CoordinateFormat::float32) {
            for (const float coordinate : block)
                append_little_endian(message, std::bit_cast<std::uint32_t>(coordinate));
        } else {
            const float scale = detail::scale_of(block);
            append_little_endian(message, std::bit_cast<std::uint32_t>(scale));
            for (const float coordinate : block)
                append_little_endian(
                    message, static_cast<std::uint16_t>(detail::quantise(coordinate, scale)));
        }
    }
    append_little_endian(message, crc64(message));
    return message;
}

/// Reads a message.
/// Cost:   memory in proportion to the message: every size it claims is checked first
/// Throws: Truncated, UnsupportedVersion, ChecksumMismatch, Malformed (all WireError); NonFinite
///         for a coordinate that is not a finite number
inline Sketch decode(std::span<const std::byte> message) {
    const std::size_t size = message.size();
    const std::size_t smallest = detail::wire_header_size + detail::wire_checksum_size;
    if (size < smallest)
        throw Truncated("decode: expected at least " + std::to_string(smallest) + " bytes, got " +
                        std::to_string(size));
    if (!std::equal(detail::wire_magic.begin(), detail::wire_magic.end(), message.begin()))
        throw UnsupportedVersion("decode: expected a message that begins with FRRT");
    const auto version = read_little_endian<std::uint16_t>(message, 4);
    if (version != wire_version)
        throw UnsupportedVersion("decode: expected version " + std::to_string(wire_version) +
                                 ", got " + std::to_string(version));

    const auto basis = read_little_endian<std::uint8_t>(message, 6);
    const auto format = read_little_endian<std::uint8_t>(message, 7);
    if (std::none_of(basis_names.begin(), basis_names.end(), [&](const auto& entry) {
            return static_cast<std::uint8_t>(entry.second) == basis;
        }))
        throw Malformed("decode: expected a known basis id, got " + std::to_string(basis));
    if (format != static_cast<std::uint8_t>(CoordinateFormat::float32) &&
        format != static_cast<std::uint8_t>(CoordinateFormat::int16))
        throw Malformed("decode: expected coordinate format 1 or 2, got " + std::to_string(format));
    const bool exact = format == static_cast<std::uint8_t>(CoordinateFormat::float32);

    // Sizes first, none of which can overflow, and only then the first allocation.
    const std::uint64_t blocks = read_little_endian<std::uint32_t>(message, 32);
    const std::uint64_t room = size - smallest;
    if (blocks > room / 4)
        throw Truncated("decode: expected room for " + std::to_string(blocks) + " blocks, got " +
                        std::to_string(room) + " bytes");
    std::uint64_t total = 0;
    for (std::size_t l = 0; l < blocks; ++l) {
        const auto bases =
            read_little_endian<std::uint32_t>(message, detail::wire_header_size + 4 * l);
        if (bases == 0)
            throw Malformed("decode: expected bases, got none in block " + std::to_string(l));
        total += bases;
        if (total > room / 2)
            throw Truncated("decode: expected room for " + std::to_string(total) +
                            " coordinates, got " + std::to_string(room) + " bytes");
    }
    const std::uint64_t expected =
        smallest + 4 * blocks + (exact ? 4 * total : 2 * total + 4 * blocks);
    if (expected != size)
        throw Truncated("decode: expected " + std::to_string(expected) + " bytes, got " +
                        std::to_string(size));
    const std::size_t content = size - detail::wire_checksum_size;
    if (crc64(message.first(content)) != read_little_endian<std::uint64_t>(message, content))
        throw ChecksumMismatch("decode: the checksum of " + std::to_string(size) +
                               " bytes is not that of their content");

    const IeeeArithmetic ieee;
    Sketch sketch;
    sketch.basis = static_cast<BasisId>(basis);
    sketch.seed = {read_little_endian<std::uint64_t>(message, 8),
                   read_little_endian<std::uint64_t>(message, 16)};
    sketch.layout_fingerprint = read_little_endian<std::uint64_t>(message, 24);
    sketch.bases_per_block.reserve(blocks);
    sketch.coordinates.reserve(total);
    for (std::size_t l = 0; l < blocks; ++l)
        sketch.bases_per_block.push_back(
            read_little_endian<std::uint32_t>(message, detail::wire_header_size + 4 * l));

    std::size_t offset = detail::wire_header_size + 4 * blocks;
    for (const std::uint32_t bases : sketch.bases_per_block) {
        float scale = 1.0f;
        if (!exact) {
            scale = std::bit_cast<float>(read_little_endian<std::uint32_t>(message, offset));
            offset += 4;
        }
        for (std::uint32_t k = 0; k < bases; ++k) {
            float coordinate = 0.0f;
            if (exact) {
                coordinate =
                    std::bit_cast<float>(read_little_endian<std::uint32_t>(message, offset));
                offset += 4;
            } else {
                const auto steps =
                    static_cast<std::int16_t>(read_little_endian<std::uint16_t>(message, offset));
                coordinate = static_cast<float>(steps) * scale;
                offset += 2;
            }
            if (!is_finite(coordinate))
                throw NonFinite("decode: expected finite coordinates, got " +
                                std::to_string(coordinate) + " at " +
                                std::to_string(sketch.coordinates.size()));
            sketch.coordinates.push_back(coordinate);
        }
    }
    return sketch;
}

}  // namespace ferret
