#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compiled.hpp"
#include "error.hpp"
#include "sketch.hpp"
#include "wire/coordinate_format.hpp"
#include "wire/few_bits.hpp"

namespace ferret {

/// Version of the message format that this library writes and reads.
inline constexpr std::uint16_t wire_version = 1;

/// Writes a sketch as a message.
///
/// The format is docs/wire.md's.
/// rotation: of few bits: rotation_of the client that sends, 0 for a server
/// Cost:   44 + 4 L bytes, and 4 K (float32), 2 K + 4 L (int16), or 4 and few_bits_size
/// Throws: SketchMismatch if the coordinates are not those of its blocks; NonFinite for a
///         coordinate that is not a finite number, or too large for few bits
/// Repro:  the same bytes on every machine
std::vector<std::byte> encode(const Sketch& sketch,
                              CoordinateFormat format = CoordinateFormat::float32,
                              std::uint32_t rotation = 0, const Cpu& backend = {});

/// Bytes of the message of a sketch with so many bases in each block.
std::uint64_t encoded_size(std::span<const std::uint32_t> bases_per_block, CoordinateFormat format);

/// Reads a message.
/// Cost:   memory in proportion to the message: every size it claims is checked first
/// Throws: Truncated, UnsupportedVersion, ChecksumMismatch, Malformed (all WireError); NonFinite
///         for a coordinate that is not a finite number
Sketch decode(std::span<const std::byte> message, const Cpu& backend = {});

/// Reads a message of a format that was agreed on.
/// Throws: as decode; Malformed for another format
Sketch decode(std::span<const std::byte> message, CoordinateFormat expected,
              const Cpu& backend = {});

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "wire.inl"
#endif
