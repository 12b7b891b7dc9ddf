#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
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

}  // namespace ferret
