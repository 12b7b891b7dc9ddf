#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "error_text.hpp"
#include "floating_point.hpp"
#include "rng/seed.hpp"
#include "sketch.hpp"
#include "wire.hpp"
#include "wire/basis_id.hpp"
#include "wire/frame.hpp"

namespace ferret {

namespace detail {

/// What a message begins with, behind its magic and version.
struct MessageHeader {
    BasisId basis;
    CoordinateFormat format;
    Seed seed;
    std::uint64_t layout_fingerprint;
    std::uint32_t blocks;
};

/// A message of no blocks.
inline constexpr std::size_t smallest_message = 44;

FERRET_API float scale_of(std::span<const float> coordinates) {
    float largest = 0.0f;
    for (const float coordinate : coordinates) largest = (std::max)(largest, std::abs(coordinate));
    const float scale = largest / 32767.0f;
    // Rounded up, the scale of the largest float would overflow on the way back.
    return is_finite(scale * 32767.0f) ? scale : std::nextafter(scale, 0.0f);
}

FERRET_API std::int16_t quantise(float coordinate, float scale) {
    if (scale == 0.0f) return 0;
    // A subnormal scale is rounded so coarsely that the quotient can leave the range.
    const float steps = std::clamp(coordinate / scale, -32767.0f, 32767.0f);
    return static_cast<std::int16_t>(std::nearbyint(steps));
}

/// Throws: Malformed for a basis or a format that there is not
FERRET_API MessageHeader read_header(FrameReader& frame) {
    MessageHeader header{};
    header.basis = read_basis_id(frame);
    const auto format = frame.number<std::uint8_t>();
    header.format = static_cast<CoordinateFormat>(format);
    const auto is_it = [&](const auto& entry) { return entry.second == header.format; };
    if (std::none_of(coordinate_format_names.begin(), coordinate_format_names.end(), is_it))
        throw Malformed(
            error_text({frame.name(), ": expected a known coordinate format, got ", format}));
    header.seed.value = frame.number<std::uint64_t>();
    header.seed.round = frame.number<std::uint64_t>();
    header.layout_fingerprint = frame.number<std::uint64_t>();
    header.blocks = frame.number<std::uint32_t>();
    return header;
}

FERRET_API std::uint64_t count_coordinates(std::span<const std::uint32_t> bases_per_block) {
    std::uint64_t total = 0;
    for (const std::uint32_t bases : bases_per_block) total += bases;
    return total;
}

/// The K_l of a message, none of whose sums can overflow.
/// Throws: Truncated if so many coordinates would not fit; Malformed for a block without bases
FERRET_API std::vector<std::uint32_t> read_bases(FrameReader& frame, const MessageHeader& header) {
    const std::uint64_t room = frame.left();
    if (header.blocks > room / 4)
        throw Truncated(error_text({frame.name(), ": expected room for ", header.blocks,
                                    " blocks, got ", room, " bytes"}));
    std::vector<std::uint32_t> bases_per_block;
    bases_per_block.reserve(header.blocks);
    std::uint64_t total = 0;
    for (std::uint32_t block = 0; block < header.blocks; ++block) {
        const auto bases = frame.number<std::uint32_t>();
        if (bases == 0)
            throw Malformed(
                error_text({frame.name(), ": expected bases, got none in block ", block}));
        total += bases;
        if (total > room * 8 / bits_of(header.format))
            throw Truncated(error_text({frame.name(), ": expected room for ", total,
                                        " coordinates, got ", room, " bytes"}));
        bases_per_block.push_back(bases);
    }
    return bases_per_block;
}

FERRET_API void write_block(FrameWriter& frame, CoordinateFormat format,
                            std::span<const float> block) {
    if (format == CoordinateFormat::float32) {
        for (const float coordinate : block) frame.number(coordinate);
        return;
    }
    const float scale = scale_of(block);
    frame.number(scale);
    for (const float coordinate : block)
        frame.number(static_cast<std::uint16_t>(quantise(coordinate, scale)));
}

/// Appends a block's coordinates.
/// Throws: NonFinite
FERRET_API void read_block(FrameReader& frame, CoordinateFormat format, std::uint32_t bases,
                           std::vector<float>& coordinates) {
    const bool exact = format == CoordinateFormat::float32;
    const float scale = exact ? 1.0f : frame.real();
    for (std::uint32_t k = 0; k < bases; ++k) {
        const float coordinate =
            exact ? frame.real()
                  : static_cast<float>(static_cast<std::int16_t>(frame.number<std::uint16_t>())) *
                        scale;
        if (!is_finite(coordinate))
            throw NonFinite(error_text({frame.name(), ": expected finite coordinates, got ",
                                        coordinate, " at ", coordinates.size()}));
        coordinates.push_back(coordinate);
    }
}

/// Throws: as decode; Malformed if the header's format is not the expected one
FERRET_API Sketch decode(std::span<const std::byte> message, const CoordinateFormat* expected,
                         const Cpu& backend) {
    FrameReader frame =
        FrameReader::before_checksum(message, "FRRT", wire_version, "decode", smallest_message);
    const MessageHeader header = read_header(frame);
    if (expected != nullptr && header.format != *expected)
        throw Malformed(error_text({"decode: expected coordinates of format ", name_of(*expected),
                                    ", got ", name_of(header.format)}));
    // Sizes first, and only then memory for the coordinates.
    Sketch sketch{
        header.seed, header.basis, header.layout_fingerprint, read_bases(frame, header), {}};
    const std::uint64_t size = encoded_size(sketch.bases_per_block, header.format);
    if (size != message.size())
        throw Truncated(error_text({"decode: expected ", size, " bytes, got ", message.size()}));
    frame.expect_checksum();

    const IeeeArithmetic ieee;
    const std::uint64_t total = count_coordinates(sketch.bases_per_block);
    if (is_rotated(header.format)) {
        const Rotation rotation{header.seed, frame.number<std::uint32_t>()};
        sketch.coordinates.resize(total);
        decode_few_bits(frame.bare_bytes(frame.left()), cut_into_chunks(sketch.bases_per_block),
                        header.format, rotation, backend, frame.name(), sketch.coordinates);
        return sketch;
    }
    sketch.coordinates.reserve(total);
    for (const std::uint32_t bases : sketch.bases_per_block)
        read_block(frame, header.format, bases, sketch.coordinates);
    return sketch;
}

}  // namespace detail

FERRET_API std::uint64_t encoded_size(std::span<const std::uint32_t> bases_per_block,
                                      CoordinateFormat format) {
    const std::uint64_t blocks = bases_per_block.size();
    const std::uint64_t bytes = detail::smallest_message + 4 * blocks;
    if (is_rotated(format))
        return bytes + 4 + few_bits_size(cut_into_chunks(bases_per_block), format);
    const std::uint64_t total = detail::count_coordinates(bases_per_block);
    return bytes + (format == CoordinateFormat::float32 ? 4 * total : 2 * total + 4 * blocks);
}

FERRET_API std::vector<std::byte> encode(const Sketch& sketch, CoordinateFormat format,
                                         std::uint32_t rotation, const Cpu& backend) {
    check_coordinates(sketch, "encode");
    const IeeeArithmetic ieee;
    FrameWriter frame("FRRT", wire_version);
    frame.number(static_cast<std::uint8_t>(sketch.basis));
    frame.number(static_cast<std::uint8_t>(format));
    frame.number(sketch.seed.value);
    frame.number(sketch.seed.round);
    frame.number(sketch.layout_fingerprint);
    frame.number(static_cast<std::uint32_t>(sketch.bases_per_block.size()));
    for (const std::uint32_t bases : sketch.bases_per_block) frame.number(bases);
    if (is_rotated(format)) {
        frame.number(rotation);
        frame.bare_bytes(encode_few_bits(sketch.coordinates,
                                         cut_into_chunks(sketch.bases_per_block), format,
                                         {sketch.seed, rotation}, backend, "encode"));
        return std::move(frame).finish();
    }
    std::span<const float> left(sketch.coordinates);
    for (const std::uint32_t bases : sketch.bases_per_block) {
        detail::write_block(frame, format, left.first(bases));
        left = left.subspan(bases);
    }
    return std::move(frame).finish();
}

FERRET_API Sketch decode(std::span<const std::byte> message, const Cpu& backend) {
    return detail::decode(message, nullptr, backend);
}

FERRET_API Sketch decode(std::span<const std::byte> message, CoordinateFormat expected,
                         const Cpu& backend) {
    return detail::decode(message, &expected, backend);
}

}  // namespace ferret
