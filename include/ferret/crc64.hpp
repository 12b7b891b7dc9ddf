#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ferret {

/// CRC-64/XZ: the checksum of messages and the fingerprint of layouts.
/// Math:   reflected polynomial 0xC96C5795D7870F42, initial value and final xor all ones
/// Source: ECMA-182; check value of "123456789": 0x995DC9BBDF1939FA
inline std::uint64_t crc64(std::span<const std::byte> bytes) {
    static constexpr auto table = [] {
        std::array<std::uint64_t, 256> entries{};
        for (std::uint64_t i = 0; i < entries.size(); ++i) {
            std::uint64_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = (value >> 1) ^ ((value & 1) != 0 ? 0xC96C5795D7870F42u : 0u);
            entries[i] = value;
        }
        return entries;
    }();
    std::uint64_t crc = ~std::uint64_t{0};
    for (const std::byte byte : bytes)
        crc = table[(crc ^ static_cast<std::uint64_t>(byte)) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

}  // namespace ferret
