#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../sketch.hpp"
#include "../wire.hpp"
#include "../wire/frame.hpp"
#include "../wire/rotation.hpp"
#include "update_message.hpp"

namespace ferret {

FERRET_API std::vector<std::byte> encode(const UpdateMessage& message, CoordinateFormat format) {
    FrameWriter frame("FRRU", 1);
    frame.number(message.round);
    frame.number(message.client);
    frame.number(message.examples);
    frame.number(message.model_before);
    frame.bytes(encode(message.sketch, format, rotation_of(message.client)));
    return std::move(frame).finish();
}

FERRET_API UpdateMessage decode_update(std::span<const std::byte> bytes,
                                       std::optional<CoordinateFormat> expected) {
    FrameReader frame(bytes, "FRRU", 1, "update");
    UpdateMessage message;
    message.round = frame.number<std::uint64_t>();
    message.client = frame.number<std::uint64_t>();
    message.examples = frame.number<std::uint64_t>();
    message.model_before = frame.number<std::uint64_t>();
    const std::span<const std::byte> sketch = frame.bytes();
    frame.expect_end();
    message.sketch = expected ? decode(sketch, *expected) : decode(sketch);
    return message;
}

}  // namespace ferret
