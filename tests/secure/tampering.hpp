#pragma once

#include "support/messages.hpp"

#include <cstddef>
#include <vector>

namespace ferret_test {

/// Calls `use` with the message changed at one byte after the other, with the checksum of what it now says.
/// All of them must throw an Expected. Returns the first byte where that is not so; the message's size if
/// there is none.
template <class Expected, class Use>
std::size_t first_byte_that_may_change(const std::vector<std::byte>& message, const Use& use) {
    for (std::size_t at = 0; at + 8 < message.size(); ++at) {
        Message changed = message;
        changed[at] ^= std::byte{static_cast<unsigned char>(1u << (at % 8))};
        sign(changed);
        try {
            use(changed);
            return at;
        } catch (const Expected&) {
        }
    }
    return message.size();
}

}  // namespace ferret_test
