#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federated/transport/transport.hpp"

namespace federated {

/// The text's characters, as transports carry them.
inline std::vector<std::byte> bytes_of(std::string_view text) {
    const auto characters = std::as_bytes(std::span(text));
    return {characters.begin(), characters.end()};
}

/// The text of these characters.
inline std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Rank 0's text, in all processes, which all call this.
inline std::string broadcast_text(Transport& processes, std::string_view text) {
    std::vector<std::byte> bytes = bytes_of(text);
    processes.broadcast(bytes);
    return text_of(bytes);
}

}  // namespace federated
