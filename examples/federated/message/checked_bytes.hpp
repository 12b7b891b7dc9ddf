#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace federated {

// What the formats have in common that are no frames: letters at the beginning, the CRC-64/XZ of all before
// it at the end.

inline constexpr std::size_t checksum_size = sizeof(std::uint64_t);

/// The letters that tell a format and its version.
inline std::vector<std::byte> opening_letters(std::string_view letters) {
    const auto characters = std::as_bytes(std::span(letters));
    return {characters.begin(), characters.end()};
}

inline bool opens_with(std::span<const std::byte> bytes, std::string_view letters) {
    const auto characters = std::as_bytes(std::span(letters));
    return bytes.size() >= characters.size() &&
           std::equal(characters.begin(), characters.end(), bytes.begin());
}

/// Ends what begins at `begin`.
inline void append_checksum(std::vector<std::byte>& bytes, std::size_t begin = 0) {
    ferret::append_little_endian(bytes, ferret::crc64(std::span(bytes).subspan(begin)));
}

/// Whether the bytes end with the checksum of those before it.
inline bool fits_checksum(std::span<const std::byte> bytes) {
    if (bytes.size() < checksum_size) return false;
    const std::size_t content = bytes.size() - checksum_size;
    return ferret::crc64(bytes.first(content)) ==
           ferret::read_little_endian<std::uint64_t>(bytes, content);
}

}  // namespace federated
