#pragma once

#include <cstddef>
#include <cstdint>

namespace federated {

/// A round as server and clients know it.
struct Round {
    std::int64_t number = 1;   ///< 1 for the first
    double server_rate = 1.0;  ///< how far the model follows the clients' mean update
};

/// The round's number as seeds and messages have it.
inline std::uint64_t number_of(const Round& round) {
    return static_cast<std::uint64_t>(round.number);
}

/// A client of the round.
struct Participant {
    std::uint64_t id = 0;      ///< its place in the list of clients
    std::size_t examples = 0;  ///< how many it has
};

}  // namespace federated
