#pragma once

#include "support/updates.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/ferret.hpp>
#include <ferret/little_endian.hpp>
#include <span>
#include <string>
#include <vector>

// Sketches' messages, and what hostile senders make of them.

namespace ferret_test {

using Message = std::vector<std::byte>;

/// Two blocks: K = 2 and 3.
inline ferret::Sketch small_sketch() {
    return {{0x0102030405060708, 0x1112131415161718},
            ferret::SparseSign::id,
            0x2122232425262728,
            {2, 3},
            {1.5f, -2.0f, 0.0f, 1e-30f, -3e38f}};
}

/// Replaces the checksum by that of the content as it is now.
inline void sign(Message& message) {
    message.resize(message.size() - 8);
    ferret::append_little_endian(message, ferret::crc64(message));
}

/// Writes a field of a message, whose checksum is then wrong.
template <std::unsigned_integral Integer>
void put(Message& message, std::size_t offset, Integer value) {
    Message bytes;
    ferret::append_little_endian(bytes, value);
    std::copy(bytes.begin(), bytes.end(), message.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// The message of the error that decoding throws, which must be an Error.
template <class Error>
std::string decode_message(const Message& message) {
    return error_message<Error>([&] { static_cast<void>(ferret::decode(message)); });
}

/// Whether decoding throws an Expected.
template <class Expected>
bool refuses(std::span<const std::byte> message) {
    try {
        static_cast<void>(ferret::decode(message));
    } catch (const Expected&) {
        return true;
    }
    return false;
}

}  // namespace ferret_test
