#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "compiled.hpp"
#include "error.hpp"
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

/// Writes a sketch as a message.
///
/// The format is docs/wire.md's.
/// Cost:   44 + 4 L bytes, and 4 K (float32) or 2 K + 4 L (int16)
/// Throws: SketchMismatch if the coordinates are not those of its blocks; NonFinite for a
///         coordinate that is not a finite number
/// Repro:  the same bytes on every machine
std::vector<std::byte> encode(const Sketch& sketch,
                              CoordinateFormat format = CoordinateFormat::float32);

/// Reads a message.
/// Cost:   memory in proportion to the message: every size it claims is checked first
/// Throws: Truncated, UnsupportedVersion, ChecksumMismatch, Malformed (all WireError); NonFinite
///         for a coordinate that is not a finite number
Sketch decode(std::span<const std::byte> message);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "wire.inl"
#endif
