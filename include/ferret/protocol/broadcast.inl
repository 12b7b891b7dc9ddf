#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "../wire/frame.hpp"
#include "broadcast.hpp"

namespace ferret {

FERRET_API std::vector<std::byte> encode(const Broadcast& broadcast) {
    FrameWriter frame("FRRB", 1);
    frame.number(broadcast.round);
    frame.number(broadcast.model_before);
    frame.number(broadcast.model_after);
    frame.number(broadcast.scale);
    frame.number(std::uint64_t{broadcast.sketches.size()});
    for (const std::vector<std::byte>& sketch : broadcast.sketches) frame.bytes(sketch);
    return std::move(frame).finish();
}

FERRET_API Broadcast decode_broadcast(std::span<const std::byte> bytes) {
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
