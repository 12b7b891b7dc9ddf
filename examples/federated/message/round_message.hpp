#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "federated/round/round.hpp"

namespace federated {

/// What stands before an algorithm's message from a client, so that the server knows whose it is, of which
/// round, and whether the client began with the server's model.
struct UpdateHeader {
    std::uint64_t round = 0;
    std::uint64_t client = 0;
    std::uint64_t model_before = 0;  ///< fingerprint

    bool operator==(const UpdateHeader&) const = default;
};

/// What stands before an algorithm's broadcast: which round it closes, how far to follow it, and the model
/// that it is for.
struct BroadcastHeader {
    Round round;
    std::uint64_t model_before = 0;  ///< fingerprint
};

/// Sizes of the encoded headers.
inline constexpr std::size_t update_header_size = 38;
inline constexpr std::size_t broadcast_header_size = 38;

/// Size of what follows a broadcast: the fingerprint of the model that it leads to (u64).
inline constexpr std::size_t seal_size = 8;

/// The header as a frame of ferret's wire ("FEDU", "FEDB", version 1: the fields in order as u64, the
/// rate as the bits of a double) and after it the payload as it is, which has a checksum of its own.
/// Cost: a copy of the payload
std::vector<std::byte> encode(const UpdateHeader& header, std::span<const std::byte> payload);
std::vector<std::byte> encode(const BroadcastHeader& header, std::span<const std::byte> payload);

struct ReceivedUpdate {
    UpdateHeader header;
    std::span<const std::byte> payload;  ///< a part of the bytes that came
};
struct ReceivedBroadcast {
    BroadcastHeader header;
    std::span<const std::byte> payload;
};

/// Throws: ferret::WireError for bytes that do not begin with such a header
ReceivedUpdate decode_update(std::span<const std::byte> bytes);
/// Throws: the same; ferret::NonFinite for a rate that is no finite number
ReceivedBroadcast decode_broadcast(std::span<const std::byte> bytes);

}  // namespace federated
