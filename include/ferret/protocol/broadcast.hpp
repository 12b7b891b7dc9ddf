#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../compiled.hpp"
#include "../error.hpp"

namespace ferret {

/// What a server sends to all when it closes a round: what brings a follower from round r - 1 to r.
struct Broadcast {
    std::uint64_t round = 0;
    std::uint64_t model_before = 0;  ///< fingerprint of the model that it is for
    std::uint64_t model_after = 0;   ///< ... and of the one that it leads to
    float scale = 0.0f;              ///< of the sketches' rebuilt sum, which is added to the model
    std::vector<std::vector<std::byte>> sketches;  ///< as encode(sketch) wrote them

    bool operator==(const Broadcast&) const = default;
};

/// Writes the broadcast; docs/wire.md has the format.
/// Cost:   50 bytes, and 8 a sketch beside its own
std::vector<std::byte> encode(const Broadcast& broadcast);

/// Reads a broadcast; its sketches are not yet looked into.
/// Throws: WireError
Broadcast decode_broadcast(std::span<const std::byte> bytes);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "broadcast.inl"
#endif
