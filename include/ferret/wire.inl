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
    if (header.format != CoordinateFormat::float32 && header.format != CoordinateFormat::int16)
        throw Malformed(
            error_text({frame.name(), ": expected coordinate format 1 or 2, got ", format}));
    header.seed.value = frame.number<std::uint64_t>();
    header.seed.round = frame.number<std::uint64_t>();
    header.layout_fingerprint = frame.number<std::uint64_t>();
    header.blocks = frame.number<std::uint32_t>();
    return header;
}

/// How many coordinates a message claims, from its K_l; none of the sums can overflow.
/// frame: a copy, read from the K_l on
/// Throws: Truncated if so many would not fit; Malformed for a block without bases
FERRET_API std::uint64_t count_coordinates(FrameReader frame, std::uint32_t blocks) {
    const std::uint64_t room = frame.left();
    if (blocks > room / 4)
        throw Truncated(error_text(
            {frame.name(), ": expected room for ", blocks, " blocks, got ", room, " bytes"}));
    std::uint64_t total = 0;
    for (std::uint32_t block = 0; block < blocks; ++block) {
        const auto bases = frame.number<std::uint32_t>();
        if (bases == 0)
            throw Malformed(
                error_text({frame.name(), ": expected bases, got none in block ", block}));
        total += bases;
        if (total > room / 2)
            throw Truncated(error_text({frame.name(), ": expected room for ", total,
                                        " coordinates, got ", room, " bytes"}));
    }
    return total;
}

/// Bytes of a message of so many coordinates.
FERRET_API std::uint64_t message_size(const MessageHeader& header, std::uint64_t coordinates) {
    const std::uint64_t bytes = smallest_message + 4 * std::uint64_t{header.blocks};
    return bytes + (header.format == CoordinateFormat::float32
                        ? 4 * coordinates
                        : 2 * coordinates + 4 * std::uint64_t{header.blocks});
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

}  // namespace detail

FERRET_API std::vector<std::byte> encode(const Sketch& sketch, CoordinateFormat format) {
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
    std::span<const float> left(sketch.coordinates);
    for (const std::uint32_t bases : sketch.bases_per_block) {
        detail::write_block(frame, format, left.first(bases));
        left = left.subspan(bases);
    }
    return std::move(frame).finish();
}

FERRET_API Sketch decode(std::span<const std::byte> message) {
    FrameReader frame = FrameReader::before_checksum(message, "FRRT", wire_version, "decode",
                                                     detail::smallest_message);
    const detail::MessageHeader header = detail::read_header(frame);
    // Sizes first, and only then the first allocation.
    const std::uint64_t total = detail::count_coordinates(frame, header.blocks);
    const std::uint64_t expected = detail::message_size(header, total);
    if (expected != message.size())
        throw Truncated(
            error_text({"decode: expected ", expected, " bytes, got ", message.size()}));
    frame.expect_checksum();

    const IeeeArithmetic ieee;
    Sketch sketch{header.seed, header.basis, header.layout_fingerprint, {}, {}};
    sketch.bases_per_block.reserve(header.blocks);
    sketch.coordinates.reserve(total);
    for (std::uint32_t block = 0; block < header.blocks; ++block)
        sketch.bases_per_block.push_back(frame.number<std::uint32_t>());
    for (const std::uint32_t bases : sketch.bases_per_block)
        detail::read_block(frame, header.format, bases, sketch.coordinates);
    return sketch;
}

}  // namespace ferret
