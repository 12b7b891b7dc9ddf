#include "federated/message/round_message.hpp"

#include <ferret/error.hpp>
#include <limits>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("headers come back as they were, with their payload behind them") {
    const std::vector<std::byte> payload{std::byte{1}, std::byte{2}, std::byte{3}};
    const UpdateHeader sent{7, 3, 0x1234'5678'9abc'def0};
    const auto message = encode(sent, payload);
    CHECK(message.size() == update_header_size + 3);
    const ReceivedUpdate update = decode_update(message);
    CHECK(update.header == sent);
    CHECK(std::vector(update.payload.begin(), update.payload.end()) == payload);

    const auto bytes = encode(BroadcastHeader{{7, 0.125}, 11}, payload);
    CHECK(bytes.size() == broadcast_header_size + 3);
    const ReceivedBroadcast broadcast = decode_broadcast(bytes);
    CHECK(broadcast.header.round.number == 7);
    CHECK(broadcast.header.round.server_rate == 0.125);
    CHECK(broadcast.header.model_before == 11);
    CHECK(std::vector(broadcast.payload.begin(), broadcast.payload.end()) == payload);
}

TEST_CASE("cut and altered headers are refused, and rates that are no numbers") {
    const auto message = encode(UpdateHeader{7, 3, 5}, {});
    const auto broadcast = encode(BroadcastHeader{{7, 0.125}, 11}, {});
    for (std::size_t size = 0; size < message.size(); ++size) {
        CHECK_THROWS_AS(decode_update(std::span(message).first(size)), ferret::WireError);
        CHECK_THROWS_AS(decode_broadcast(std::span(broadcast).first(size)), ferret::WireError);
    }
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto altered = message;
        altered[i] ^= std::byte{1};
        CHECK_THROWS_AS(decode_update(altered), ferret::WireError);
    }
    CHECK_THROWS_AS(decode_update(broadcast), ferret::WireError);
    CHECK_THROWS_AS(decode_broadcast(message), ferret::WireError);
    const double infinite = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(decode_broadcast(encode(BroadcastHeader{{7, infinite}, 11}, {})),
                    ferret::NonFinite);
}
