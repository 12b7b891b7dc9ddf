#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "../wire/frame.hpp"

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
inline std::vector<std::byte> encode(const Broadcast& broadcast) {
    FrameWriter frame("FRRB", 1);
    frame.number(broadcast.round);
    frame.number(broadcast.model_before);
    frame.number(broadcast.model_after);
    frame.number(broadcast.scale);
    frame.number(std::uint64_t{broadcast.sketches.size()});
    for (const std::vector<std::byte>& sketch : broadcast.sketches) frame.bytes(sketch);
    return std::move(frame).finish();
}

/// Reads a broadcast; its sketches are not yet looked into.
/// Throws: WireError
inline Broadcast decode_broadcast(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRRB", 1, "broadcast");
    Broadcast broadcast;
    broadcast.round = frame.number<std::uint64_t>();
    broadcast.model_before = frame.number<std::uint64_t>();
    broadcast.model_after = frame.number<std::uint64_t>();
    broadcast.scale = frame.real();
    const auto count = frame.number<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::span<const std::byte> sketch = frame.bytes();
        broadcast.sketches.emplace_back(sketch.begin(), sketch.end());
    }
    frame.expect_end();
    return broadcast;
}

}  // namespace ferret
