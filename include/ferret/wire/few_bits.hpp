#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../backend/cpu/cpu.hpp"
#include "../compiled.hpp"
#include "../error.hpp"
#include "../rng/seed.hpp"
#include "coordinate_format.hpp"
#include "rotation.hpp"

namespace ferret {

/// Which of all rotations a list of coordinates travels with.
struct Rotation {
    Seed seed;
    std::uint32_t number = 0;  ///< rotation_of a client; 0: the server's
};

/// Coordinates that can be rounded to few bits are smaller than this; sums of their squares stay far
/// from overflow.
inline constexpr float few_bits_limit = 0x1p90f;

/// Bytes of so many chunks' coordinates.
std::uint64_t few_bits_size(std::span<const RotatedChunk> chunks, CoordinateFormat format);

/// Coordinates in few bits, chunk after chunk: a scale, and the levels of 32 numbers at a time in words.
/// Math:   of a chunk y, zeros at its end: t = H1 S1 H0 S0 y, with the butterflies H of a turn and random
///         signs S, is like a normally distributed list whatever y is. It is rounded to levels q of its
///         standard deviation, and rebuilt as S0 H0 S1 H1 q times the scale ||t||^2 / (<t, q> gain), gain
///         being that of H1 H1 H0 H0: then E[rebuilt] = y, E||rebuilt - y||^2 = normal_noise ||y||^2
/// Shapes: chunks: those of cut_into_chunks -> few_bits_size bytes
/// Cost:   O(K log 8192) time, a chunk of memory a thread
/// Throws: NonFinite for a coordinate that is no finite number, or of few_bits_limit or more; `where` begins the message
/// Repro:  identical for every instruction set and number of threads
/// Source: Vargaftik et al., DRIVE (NeurIPS 2021), EDEN (ICML 2022)
std::vector<std::byte> encode_few_bits(std::span<const float> coordinates,
                                       std::span<const RotatedChunk> chunks,
                                       CoordinateFormat format, const Rotation& rotation,
                                       const Cpu& backend, const std::string& where);

/// Rebuilds them.
/// Shapes: bytes: few_bits_size of the chunks -> as many coordinates as the chunks have
/// Throws: NonFinite for a scale that is not finite; Malformed for one that no encoder writes: negative,
///         or so large that numbers of its chunk could overflow. `coordinates` are then of no use
void decode_few_bits(std::span<const std::byte> bytes, std::span<const RotatedChunk> chunks,
                     CoordinateFormat format, const Rotation& rotation, const Cpu& backend,
                     const std::string& where, std::span<float> coordinates);

namespace detail {

/// What the reader multiplies a chunk's rebuilt numbers by.
float scale_of_chunk(float squares, float products, std::size_t size, int exponent);

/// Throws: NonFinite unless the chunk's largest magnitude is under few_bits_limit
void check_magnitude(float largest, const RotatedChunk& chunk, const std::string& where);

/// Throws: as decode_few_bits
void check_scale(float scale, const RotatedChunk& chunk, const std::string& where);

}  // namespace detail

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "few_bits.inl"
#endif
