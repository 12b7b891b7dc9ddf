#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../compiled.hpp"
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

/// Writes the message; docs/wire.md has the format. Coordinates of few bits travel with the client's
/// rotation.
/// Cost:   54 bytes beside the sketch's own
/// Throws: as encode(sketch)
std::vector<std::byte> encode(const UpdateMessage& message, CoordinateFormat format);

/// Reads such a message.
/// expected: the format that was agreed on
/// Throws: WireError, NonFinite
UpdateMessage decode_update(std::span<const std::byte> bytes,
                            std::optional<CoordinateFormat> expected = {});

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "update_message.inl"
#endif
