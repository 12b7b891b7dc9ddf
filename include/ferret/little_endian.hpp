#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace ferret {

/// Appends an unsigned integer, lowest byte first.
template <std::unsigned_integral Integer>
void append_little_endian(std::vector<std::byte>& bytes, Integer value) {
    for (unsigned shift = 0; shift < 8 * sizeof(Integer); shift += 8)
        bytes.push_back(static_cast<std::byte>((value >> shift) & 0xFFu));
}

/// Reads an unsigned integer, lowest byte first. The caller has checked that it is there.
template <std::unsigned_integral Integer>
Integer read_little_endian(std::span<const std::byte> bytes, std::size_t offset) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        value = static_cast<Integer>(value | (static_cast<Integer>(bytes[offset + i]) << (8 * i)));
    return value;
}

/// Writes 32-bit words, each lowest byte first.
inline void store_little_endian(std::span<const std::uint32_t> words, std::byte* to) {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(to, words.data(), words.size_bytes());
    } else {
        for (const std::uint32_t word : words)
            for (unsigned shift = 0; shift < 32; shift += 8)
                *to++ = static_cast<std::byte>((word >> shift) & 0xFFu);
    }
}

/// Reads 32-bit words, each lowest byte first.
inline void load_little_endian(const std::byte* from, std::span<std::uint32_t> words) {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(words.data(), from, words.size_bytes());
    } else {
        for (std::size_t i = 0; i < words.size(); ++i)
            words[i] = read_little_endian<std::uint32_t>({from + 4 * i, 4}, 0);
    }
}

}  // namespace ferret
