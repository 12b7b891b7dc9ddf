#pragma once

#include <cstddef>
#include <cstdint>
#include <ferret/protocol/plan.hpp>
#include <span>
#include <vector>

namespace federated {

/// What a server of Ferret sends to all: sketches, whose mean the model follows.
struct FerretBroadcast {
    bool clients_own = false;  ///< whether the sketches are the clients' own, as they came
    ferret::SeedSharing next = ferret::SeedSharing::shared;  ///< the bases of the next round
    double damping = 1.0;                                    ///< of the round's server rate
    std::vector<std::vector<std::byte>> sketches;            ///< as ferret::encode wrote them
};

/// Bytes of a broadcast of so many sketches.
std::uint64_t broadcast_size(std::uint64_t sketches, std::uint64_t bytes_each);

/// The frame "FEDS", version 2: the three fields (u8, u8, the bits of a double), the number of sketches
/// (u64), and each as bytes.
std::vector<std::byte> encode(const FerretBroadcast& broadcast);

/// Throws: ferret::WireError for anything else; ferret::NonFinite for a damping that is no finite number
FerretBroadcast decode_ferret_broadcast(std::span<const std::byte> bytes);

}  // namespace federated
