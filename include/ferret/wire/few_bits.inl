#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <string>

#include "../backend/cpu/loops.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../little_endian.hpp"
#include "../rng/word_order.hpp"
#include "few_bits.hpp"

namespace ferret {

namespace detail {

FERRET_API const cpu::FewBitsKernels::Rounding& rounding_of(const cpu::FewBitsKernels& kernels,
                                                            CoordinateFormat format) {
    switch (format) {
        case CoordinateFormat::two_bits:
            return kernels.two_bits;
        case CoordinateFormat::three_bits:
            return kernels.three_bits;
        case CoordinateFormat::four_bits:
            return kernels.four_bits;
        case CoordinateFormat::eight_bits:
            return kernels.eight_bits;
        default:
            return kernels.one_bit;
    }
}

/// One chunk on its way through the rotation.
struct ChunkInWork {
    alignas(64) std::array<float, largest_chunk> values;
    alignas(64) std::array<std::uint32_t, largest_chunk / 32> signs;
    std::array<std::uint32_t, largest_chunk / 32 * 8> planes;

    void make_signs(const cpu::FewBitsKernels& kernels, const Rotation& rotation, unsigned turn,
                    std::size_t chunk, std::size_t size) {
        constexpr std::size_t group = elements_per_group(32);
        kernels.make_words(
            {rotation_key(rotation.seed, turn), rotation.number, static_cast<std::uint32_t>(chunk)},
            0, (size + group - 1) / group, signs.data());
    }
};

/// What the reader multiplies a chunk's rebuilt numbers by.
/// Math:   ||t||^2 / (<t, q> gain) 2^exponent
FERRET_API float scale_of_chunk(float squares, float products, std::size_t size, int exponent) {
    const auto gain = static_cast<double>(turn_gain(0, size) * turn_gain(1, size));
    const double scale = static_cast<double>(squares) / static_cast<double>(products) / gain;
    return static_cast<float>(std::ldexp(scale, exponent));
}

FERRET_API void check_magnitude(float largest, const RotatedChunk& chunk,
                                const std::string& where) {
    if (!(largest < few_bits_limit))
        throw NonFinite(error_text({where, ": expected coordinates under ", few_bits_limit,
                                    " for few bits, got ", largest, " from ", chunk.first, " on"}));
}

FERRET_API void check_scale(float scale, const RotatedChunk& chunk, const std::string& where) {
    if (!is_finite(scale))
        throw NonFinite(error_text({where, ": expected a finite scale, got ", scale,
                                    " for the coordinates from ", chunk.first, " on"}));
    // Larger ones would let numbers of the chunk overflow.
    const float largest =
        0x1p120f / static_cast<float>(turn_gain(0, chunk.size) * turn_gain(1, chunk.size));
    if (std::signbit(scale) || scale > largest)
        throw Malformed(error_text({where, ": expected a scale from 0 to ", largest, ", got ",
                                    scale, " for the coordinates from ", chunk.first, " on"}));
}

/// A maximum passes over a nan; no sum does.
FERRET_API void check_sum(float squares, const RotatedChunk& chunk, const std::string& where) {
    if (!is_finite(squares))
        throw NonFinite(error_text({where, ": expected finite coordinates, got ", squares,
                                    " as a sum of squares from ", chunk.first, " on"}));
}

/// The address of the next chunk's coordinates.
FERRET_API std::uintptr_t after(std::span<const float> coordinates, const RotatedChunk& chunk) {
    return reinterpret_cast<std::uintptr_t>(coordinates.data() + chunk.first + chunk.count);
}

FERRET_API void encode_chunk(const cpu::FewBitsKernels& kernels, std::span<const float> coordinates,
                             const RotatedChunk& chunk, std::size_t index, CoordinateFormat format,
                             const Rotation& rotation, const std::string& where, std::byte* to) {
    ChunkInWork work;
    float* const values = work.values.data();
    const float* from = coordinates.data() + chunk.first;
    if (chunk.count < chunk.size) {
        std::copy_n(from, chunk.count, values);
        std::fill(values + chunk.count, values + chunk.size, 0.0f);
        from = values;
    }
    const float largest = kernels.largest_magnitude(from, chunk.size);
    check_magnitude(largest, chunk, where);
    const std::size_t plane_bytes = chunk.size / 8 * bits_of(format);
    if (largest == 0.0f) {
        check_sum(kernels.sum_of_squares(from, chunk.size), chunk, where);
        std::fill_n(to, sizeof(float) + plane_bytes, std::byte{0});
        return;
    }
    // By a power of two, so that nothing overflows or vanishes on the way.
    const int exponent = (std::max)(std::ilogb(largest), -126);
    work.make_signs(kernels, rotation, 0, index, chunk.size);
    std::uintptr_t ahead = after(coordinates, chunk);
    ahead = kernels.turn(from, std::ldexp(1.0f, -exponent), work.signs.data(), values, chunk.size,
                         shortest_distance(0, chunk.size), ahead);
    work.make_signs(kernels, rotation, 1, index, chunk.size);
    kernels.turn(values, 1.0f, work.signs.data(), values, chunk.size,
                 shortest_distance(1, chunk.size), ahead);
    const float squares = kernels.sum_of_squares(values, chunk.size);
    check_sum(squares, chunk, where);
    const float deviation = std::sqrt(squares / static_cast<float>(chunk.size));
    const float products =
        rounding_of(kernels, format).pack(values, chunk.size, deviation, work.planes.data());
    const auto scale =
        std::bit_cast<std::uint32_t>(scale_of_chunk(squares, products, chunk.size, exponent));
    store_little_endian({&scale, 1}, to);
    store_little_endian(std::span(work.planes).first(plane_bytes / 4), to + sizeof scale);
}

FERRET_API void decode_chunk(const cpu::FewBitsKernels& kernels, const std::byte* from,
                             const RotatedChunk& chunk, std::size_t index, CoordinateFormat format,
                             const Rotation& rotation, const std::string& where,
                             std::span<float> coordinates) {
    ChunkInWork work;
    float* const values = work.values.data();
    const auto scale = std::bit_cast<float>(read_little_endian<std::uint32_t>({from, 4}, 0));
    check_scale(scale, chunk, where);
    float* const out = coordinates.data() + chunk.first;
    if (scale == 0.0f) {
        std::fill_n(out, chunk.count, 0.0f);
        return;
    }
    load_little_endian(from + sizeof scale,
                       std::span(work.planes).first(chunk.size / 32 * bits_of(format)));
    rounding_of(kernels, format).unpack(work.planes.data(), chunk.size, values);
    std::uintptr_t ahead = after(coordinates, chunk);
    ahead = kernels.hadamard(values, chunk.size, shortest_distance(1, chunk.size), ahead);
    work.make_signs(kernels, rotation, 1, index, chunk.size);
    kernels.turn(values, 1.0f, work.signs.data(), values, chunk.size,
                 shortest_distance(0, chunk.size), ahead);
    work.make_signs(kernels, rotation, 0, index, chunk.size);
    const bool whole = chunk.count == chunk.size;
    kernels.flip_signs(values, scale, work.signs.data(), chunk.size, whole ? out : values);
    if (!whole) std::copy_n(values, chunk.count, out);
}

/// Calls task(i) for every chunk, in parallel where there are enough of them to pay for it.
FERRET_API void for_each_chunk(const Cpu& backend, std::size_t count,
                               FunctionRef<void(std::size_t)> task) {
    constexpr std::size_t chunks_per_task = 16;
    parallel_for(backend, (count + chunks_per_task - 1) / chunks_per_task, [&](std::size_t part) {
        const std::size_t end = (std::min)(count, (part + 1) * chunks_per_task);
        for (std::size_t i = part * chunks_per_task; i < end; ++i) task(i);
    });
}

/// Where each chunk's bytes begin.
FERRET_API std::vector<std::size_t> chunk_offsets(std::span<const RotatedChunk> chunks,
                                                  CoordinateFormat format) {
    std::vector<std::size_t> offsets;
    std::size_t offset = 0;
    for (const RotatedChunk& chunk : chunks) {
        offsets.push_back(offset);
        offset += sizeof(float) + chunk.size / 8 * bits_of(format);
    }
    offsets.push_back(offset);
    return offsets;
}

}  // namespace detail

FERRET_API std::uint64_t few_bits_size(std::span<const RotatedChunk> chunks,
                                       CoordinateFormat format) {
    return detail::chunk_offsets(chunks, format).back();
}

FERRET_API std::vector<std::byte> encode_few_bits(std::span<const float> coordinates,
                                                  std::span<const RotatedChunk> chunks,
                                                  CoordinateFormat format, const Rotation& rotation,
                                                  const Cpu& backend, const std::string& where) {
    const IeeeArithmetic ieee;
    const cpu::FewBitsKernels& kernels = cpu::few_bits_kernels_of(backend.instruction_set);
    const std::vector<std::size_t> offsets = detail::chunk_offsets(chunks, format);
    std::vector<std::byte> bytes(offsets.back());
    detail::for_each_chunk(backend, chunks.size(), [&](std::size_t i) {
        detail::encode_chunk(kernels, coordinates, chunks[i], i, format, rotation, where,
                             bytes.data() + offsets[i]);
    });
    return bytes;
}

FERRET_API void decode_few_bits(std::span<const std::byte> bytes,
                                std::span<const RotatedChunk> chunks, CoordinateFormat format,
                                const Rotation& rotation, const Cpu& backend,
                                const std::string& where, std::span<float> coordinates) {
    const IeeeArithmetic ieee;
    const cpu::FewBitsKernels& kernels = cpu::few_bits_kernels_of(backend.instruction_set);
    const std::vector<std::size_t> offsets = detail::chunk_offsets(chunks, format);
    detail::for_each_chunk(backend, chunks.size(), [&](std::size_t i) {
        detail::decode_chunk(kernels, bytes.data() + offsets[i], chunks[i], i, format, rotation,
                             where, coordinates);
    });
}

}  // namespace ferret
