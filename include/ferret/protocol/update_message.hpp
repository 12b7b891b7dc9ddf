#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../sketch.hpp"
#include "../wire.hpp"
#include "../wire/frame.hpp"

namespace ferret {

/// What a client sends up in a round.
struct UpdateMessage {
    std::uint64_t round = 0;
    std::uint64_t client = 0;
    std::uint64_t examples = 0;  ///< that it trained on: its weight where the server asks for it
    std::uint64_t model_before = 0;  ///< fingerprint of the model that it began with
    Sketch sketch;

    bool operator==(const UpdateMessage&) const = default;
};

/// Writes the message; docs/wire.md has the format.
/// Cost:   54 bytes beside the sketch's own
/// Throws: as encode(sketch)
inline std::vector<std::byte> encode(const UpdateMessage& message, CoordinateFormat format) {
    FrameWriter frame("FRRU", 1);
    frame.number(message.round);
    frame.number(message.client);
    frame.number(message.examples);
    frame.number(message.model_before);
    frame.bytes(encode(message.sketch, format));
    return std::move(frame).finish();
}

/// Reads such a message.
/// Throws: WireError, NonFinite
inline UpdateMessage decode_update(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRRU", 1, "update");
    UpdateMessage message;
    message.round = frame.number<std::uint64_t>();
    message.client = frame.number<std::uint64_t>();
    message.examples = frame.number<std::uint64_t>();
    message.model_before = frame.number<std::uint64_t>();
    const std::span<const std::byte> sketch = frame.bytes();
    frame.expect_end();
    message.sketch = decode(sketch);
    return message;
}

}  // namespace ferret
