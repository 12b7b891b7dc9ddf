#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "../../error.hpp"
#include "../../error_text.hpp"
#include "../../floating_point.hpp"
#include "../../little_endian.hpp"
#include "../../tensor/tensor.hpp"
#include "../../wire/coordinate_format.hpp"
#include "../../wire/few_bits.hpp"
#include "few_bits_kernels.cuh"
#include "launch.cuh"
#include "memory.cuh"

namespace ferret {

namespace cuda {

inline std::vector<PlacedChunk> placed_chunks(std::span<const RotatedChunk> chunks,
                                              CoordinateFormat format) {
    std::vector<PlacedChunk> placed;
    std::uint64_t word = 0;
    for (const RotatedChunk& chunk : chunks) {
        placed.push_back({chunk.first, static_cast<std::uint32_t>(chunk.count),
                          static_cast<std::uint32_t>(chunk.size), word});
        word += 1 + chunk.size / numbers_per_word * bits_of(format);
    }
    return placed;
}

inline RotationView rotation_view(const Rotation& rotation) {
    return {{RoundKeys(rotation_key(rotation.seed, 0)), RoundKeys(rotation_key(rotation.seed, 1))},
            rotation.number};
}

/// Calls visit with the bits of a rotated format as an integral_constant.
template <class Visit>
void visit_bits(CoordinateFormat format, const Visit& visit) {
    switch (format) {
        case CoordinateFormat::two_bits:
            return visit(std::integral_constant<unsigned, 2>{});
        case CoordinateFormat::three_bits:
            return visit(std::integral_constant<unsigned, 3>{});
        case CoordinateFormat::four_bits:
            return visit(std::integral_constant<unsigned, 4>{});
        case CoordinateFormat::eight_bits:
            return visit(std::integral_constant<unsigned, 8>{});
        default:
            return visit(std::integral_constant<unsigned, 1>{});
    }
}

/// Throws: SketchMismatch if a tensor does not hold the chunks' coordinates
inline void check_coordinates(std::size_t size, DType dtype, std::span<const RotatedChunk> chunks,
                              const std::string& where) {
    const std::size_t count = chunks.empty() ? 0 : chunks.back().first + chunks.back().count;
    if (size != count || dtype != DType::float32)
        throw SketchMismatch(
            error_text({where, ": expected ", count, " coordinates of 4 bytes, got ", size, " of ",
                        size_of(dtype)}));
}

/// The scale of a chunk.
/// Throws: NonFinite for a coordinate that is too large
inline float scale_of(const ChunkSums& sums, const RotatedChunk& chunk, const std::string& where) {
    detail::check_magnitude(sums.largest, chunk, where);
    if (sums.largest == 0.0f) return 0.0f;
    return detail::scale_of_chunk(sums.squares, sums.products, chunk.size,
                                  chunk_exponent(sums.largest));
}

}  // namespace cuda

/// encode_few_bits of coordinates in device memory, of which the bits alone come to the host. Waits for
/// the stream. It pays where coordinates are in device memory already: a Projector's are on the host
/// (`encode` has the processor round them), and would have to go back.
/// Shapes: coordinates: as many floats as the chunks have
/// Cost:   a thread block a chunk, which it reads once; some thirty steps, each of which waits for the one
///         before, so few chunks leave most of a GPU idle
/// Throws: as the CPU's, for the first chunk; NonFinite for a nan too; SketchMismatch for coordinates that
///         are not the chunks'; DeviceError
/// Repro:  the CPU's bytes
template <Tensor<MemorySpace::device> Coordinates>
std::vector<std::byte> encode_few_bits(const Coordinates& coordinates,
                                       std::span<const RotatedChunk> chunks,
                                       CoordinateFormat format, const Rotation& rotation,
                                       const Cuda& backend, const std::string& where) {
    const TensorView from = TensorAccess<Coordinates>::view(coordinates);
    cuda::check_coordinates(from.size, from.dtype, chunks, where);
    if (chunks.empty()) return {};
    const IeeeArithmetic ieee;
    const std::vector<cuda::PlacedChunk> placed = cuda::placed_chunks(chunks, format);
    const cuda::DeviceArray<cuda::PlacedChunk> device_chunks(backend, placed);
    const cuda::DeviceArray<std::uint32_t> device_words(backend, few_bits_size(chunks, format) / 4);
    const cuda::DeviceArray<cuda::ChunkSums> device_sums(backend, chunks.size());
    cuda::visit_bits(format, [&]<unsigned Bits>(std::integral_constant<unsigned, Bits>) {
        cuda::launch(backend, chunks.size(),
                     cuda::EncodeFewBits<Bits>{device_chunks.data(), cuda::rotation_view(rotation),
                                               static_cast<const float*>(from.data),
                                               device_words.data(), device_sums.data()});
    });
    const std::vector<cuda::ChunkSums> sums = device_sums.to_host();
    std::vector<std::uint32_t> words = device_words.to_host();
    for (std::size_t i = 0; i < chunks.size(); ++i)
        words[placed[i].scale_word] =
            std::bit_cast<std::uint32_t>(cuda::scale_of(sums[i], chunks[i], where));
    std::vector<std::byte> bytes(4 * words.size());
    store_little_endian(words, bytes.data());
    return bytes;
}

/// decode_few_bits into device memory, queued on the stream. Pays where encode_few_bits does.
/// Throws: as the CPU's, for the first chunk; Truncated if the bytes are not few_bits_size;
///         SketchMismatch for coordinates that are not the chunks'; DeviceError. Only after a DeviceError
///         are the coordinates not as they were
/// Repro:  the CPU's numbers
template <Tensor<MemorySpace::device> Coordinates>
requires MutableTensor<Coordinates>
void decode_few_bits(std::span<const std::byte> bytes, std::span<const RotatedChunk> chunks,
                     CoordinateFormat format, const Rotation& rotation, const Cuda& backend,
                     const std::string& where, Coordinates& coordinates) {
    const MutableTensorView to = WriteAccess<Coordinates>::mutable_view(coordinates);
    cuda::check_coordinates(to.size, to.dtype, chunks, where);
    if (const std::uint64_t size = few_bits_size(chunks, format); bytes.size() != size)
        throw Truncated(error_text({where, ": expected ", size, " bytes, got ", bytes.size()}));
    if (chunks.empty()) return;
    const IeeeArithmetic ieee;
    std::vector<std::uint32_t> words(bytes.size() / 4);
    load_little_endian(bytes.data(), words);
    const std::vector<cuda::PlacedChunk> placed = cuda::placed_chunks(chunks, format);
    for (std::size_t i = 0; i < chunks.size(); ++i)
        detail::check_scale(std::bit_cast<float>(words[placed[i].scale_word]), chunks[i], where);
    const cuda::DeviceArray<cuda::PlacedChunk> device_chunks(backend, placed);
    const cuda::DeviceArray<std::uint32_t> device_words(backend, words);
    cuda::visit_bits(format, [&]<unsigned Bits>(std::integral_constant<unsigned, Bits>) {
        cuda::launch(backend, chunks.size(),
                     cuda::DecodeFewBits<Bits>{device_chunks.data(), cuda::rotation_view(rotation),
                                               device_words.data(), static_cast<float*>(to.data)});
    });
}

}  // namespace ferret
