#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "little_endian.hpp"

namespace ferret {

namespace detail {

/// crc64_tables[k][b]: the remainder that byte b leaves k bytes later.
inline constexpr std::array<std::array<std::uint64_t, 256>, 8> crc64_tables = [] {
    std::array<std::array<std::uint64_t, 256>, 8> tables{};
    for (std::uint64_t byte = 0; byte < 256; ++byte) {
        std::uint64_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xC96C5795D7870F42u : 0u);
        tables[0][byte] = value;
    }
    for (std::size_t later = 1; later < tables.size(); ++later)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint64_t before = tables[later - 1][byte];
            tables[later][byte] = tables[0][before & 0xFF] ^ (before >> 8);
        }
    return tables;
}();

}  // namespace detail

/// CRC-64/XZ: the checksum of messages and the fingerprint of layouts.
/// Math:   reflected polynomial 0xC96C5795D7870F42, initial value and final xor all ones
/// Cost:   a load, eight look-ups and eight exclusive ors for every eight bytes
/// Source: ECMA-182; check value of "123456789": 0x995DC9BBDF1939FA. Eight tables: Kounavis and Berry, ISCC 2005
inline std::uint64_t crc64(std::span<const std::byte> bytes) {
    const auto& tables = detail::crc64_tables;
    std::uint64_t crc = ~std::uint64_t{0};
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        const std::uint64_t word = crc ^ read_little_endian<std::uint64_t>(bytes, at);
        crc = tables[7][word & 0xFF] ^ tables[6][word >> 8 & 0xFF] ^ tables[5][word >> 16 & 0xFF] ^
              tables[4][word >> 24 & 0xFF] ^ tables[3][word >> 32 & 0xFF] ^
              tables[2][word >> 40 & 0xFF] ^ tables[1][word >> 48 & 0xFF] ^ tables[0][word >> 56];
    }
    for (; at < bytes.size(); ++at)
        crc = tables[0][(crc ^ static_cast<std::uint64_t>(bytes[at])) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

}  // namespace ferret
