#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"

namespace ferret::secure {

/// Bytes of so many integers of `bits` bits.
constexpr std::uint64_t packed_size(std::uint64_t count, unsigned bits) {
    return count / 8 * bits + (count % 8 * bits + 7) / 8;
}

/// The low `bits` bits of each integer, one after the other, the lowest first.
/// Shapes: bits: 1 to 32 -> packed_size bytes
inline std::vector<std::byte> pack(std::span<const std::uint32_t> integers, unsigned bits) {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    std::vector<std::byte> bytes;
    bytes.reserve(static_cast<std::size_t>(packed_size(integers.size(), bits)));
    std::uint64_t pending = 0;
    unsigned pending_bits = 0;
    const auto put_byte = [&] {
        bytes.push_back(static_cast<std::byte>(pending & 0xFFu));
        pending >>= 8;
    };
    for (const std::uint32_t integer : integers) {
        pending |= (integer & mask) << pending_bits;
        pending_bits += bits;
        for (; pending_bits >= 8; pending_bits -= 8) put_byte();
    }
    if (pending_bits > 0) put_byte();
    return bytes;
}

/// Reads them.
/// Throws: Malformed if the bytes are not those of `count` integers
inline std::vector<std::uint32_t> unpack(std::span<const std::byte> bytes, std::uint64_t count,
                                         unsigned bits) {
    if (bytes.size() != packed_size(count, bits))
        throw Malformed(error_text({"packed integers: expected ", packed_size(count, bits),
                                    " bytes, got ", bytes.size()}));
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    std::vector<std::uint32_t> integers;
    integers.reserve(static_cast<std::size_t>(count));
    std::uint64_t pending = 0;
    unsigned pending_bits = 0;
    std::size_t next = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        for (; pending_bits < bits; pending_bits += 8)
            pending |= std::to_integer<std::uint64_t>(bytes[next++]) << pending_bits;
        integers.push_back(static_cast<std::uint32_t>(pending & mask));
        pending >>= bits;
        pending_bits -= bits;
    }
    if (pending != 0)
        throw Malformed("packed integers: expected zeros behind the last one, got others");
    return integers;
}

}  // namespace ferret::secure
