#include "federated/algorithm/ferret_broadcast.hpp"

#include <bit>
#include <ferret/error.hpp>
#include <ferret/floating_point.hpp>
#include <ferret/wire/frame.hpp>
#include <string>

namespace federated {
namespace {

constexpr std::uint64_t frame_size = 4 + 2 + 1 + 1 + 8 + 8 + 8;  // with its checksum
constexpr std::uint64_t length_size = 8;

bool read_flag(ferret::FrameReader& frame) {
    const auto flag = frame.number<std::uint8_t>();
    if (flag > 1) {
        throw ferret::Malformed(frame.name() + ": expected a flag of 0 or 1, got " +
                                std::to_string(flag));
    }
    return flag == 1;
}

}  // namespace

std::uint64_t broadcast_size(std::uint64_t sketches, std::uint64_t bytes_each) {
    return frame_size + sketches * (length_size + bytes_each);
}

std::vector<std::byte> encode(const FerretBroadcast& broadcast) {
    ferret::FrameWriter frame("FEDS", 2);
    frame.number(static_cast<std::uint8_t>(broadcast.clients_own ? 1 : 0));
    frame.number(
        static_cast<std::uint8_t>(broadcast.next == ferret::SeedSharing::per_client ? 1 : 0));
    frame.number(std::bit_cast<std::uint64_t>(broadcast.damping));
    frame.number(std::uint64_t{broadcast.sketches.size()});
    for (const std::vector<std::byte>& sketch : broadcast.sketches) frame.bytes(sketch);
    return std::move(frame).finish();
}

FerretBroadcast decode_ferret_broadcast(std::span<const std::byte> bytes) {
    ferret::FrameReader frame(bytes, "FEDS", 2, "Ferret broadcast");
    FerretBroadcast broadcast;
    broadcast.clients_own = read_flag(frame);
    broadcast.next =
        read_flag(frame) ? ferret::SeedSharing::per_client : ferret::SeedSharing::shared;
    broadcast.damping = std::bit_cast<double>(frame.number<std::uint64_t>());
    if (!ferret::is_finite(broadcast.damping)) {
        throw ferret::NonFinite(frame.name() + ": expected a finite damping, got " +
                                std::to_string(broadcast.damping));
    }
    const auto count = frame.number<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::span<const std::byte> sketch = frame.bytes();
        broadcast.sketches.emplace_back(sketch.begin(), sketch.end());
    }
    frame.expect_end();
    if (broadcast.sketches.empty()) {
        throw ferret::Malformed(frame.name() + ": expected a sketch, got none");
    }
    return broadcast;
}

}  // namespace federated
