#include "federated/message/round_message.hpp"

#include <bit>
#include <cmath>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>
#include <string>
#include <utility>

namespace federated {
namespace {

std::vector<std::byte> with_payload(std::vector<std::byte> header,
                                    std::span<const std::byte> payload) {
    header.insert(header.end(), payload.begin(), payload.end());
    return header;
}

/// The header's frame, at the beginning of longer bytes.
ferret::FrameReader header_of(std::span<const std::byte> bytes, std::string_view magic,
                              std::size_t size, const char* name) {
    if (bytes.size() < size) {
        throw ferret::Truncated(std::string(name) + ": expected at least " + std::to_string(size) +
                                " bytes, got " + std::to_string(bytes.size()));
    }
    return {bytes.first(size), magic, 1, name};
}

}  // namespace

std::vector<std::byte> encode(const UpdateHeader& header, std::span<const std::byte> payload) {
    ferret::FrameWriter frame("FEDU", 1);
    frame.number(header.round);
    frame.number(header.client);
    frame.number(header.model_before);
    return with_payload(std::move(frame).finish(), payload);
}

std::vector<std::byte> encode(const BroadcastHeader& header, std::span<const std::byte> payload) {
    ferret::FrameWriter frame("FEDB", 1);
    frame.number(number_of(header.round));
    frame.number(std::bit_cast<std::uint64_t>(header.round.server_rate));
    frame.number(header.model_before);
    return with_payload(std::move(frame).finish(), payload);
}

ReceivedUpdate decode_update(std::span<const std::byte> bytes) {
    ferret::FrameReader frame = header_of(bytes, "FEDU", update_header_size, "client's message");
    UpdateHeader header;
    header.round = frame.number<std::uint64_t>();
    header.client = frame.number<std::uint64_t>();
    header.model_before = frame.number<std::uint64_t>();
    frame.expect_end();
    return {header, bytes.subspan(update_header_size)};
}

ReceivedBroadcast decode_broadcast(std::span<const std::byte> bytes) {
    ferret::FrameReader frame = header_of(bytes, "FEDB", broadcast_header_size, "broadcast");
    BroadcastHeader header;
    header.round.number = static_cast<std::int64_t>(frame.number<std::uint64_t>());
    header.round.server_rate = std::bit_cast<double>(frame.number<std::uint64_t>());
    header.model_before = frame.number<std::uint64_t>();
    frame.expect_end();
    if (!std::isfinite(header.round.server_rate)) {
        throw ferret::NonFinite("broadcast: expected a finite server rate");
    }
    return {header, bytes.subspan(broadcast_header_size)};
}

}  // namespace federated
