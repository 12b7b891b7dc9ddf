#include "federated/algorithm/ferret_broadcast.hpp"

#include <bit>
#include <ferret/crc64.hpp>
#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>
#include <limits>

#include "support/doctest.hpp"

using namespace federated;

namespace {

FerretBroadcast example() {
    return {true, ferret::SeedSharing::per_client, 0.25, {{std::byte{7}}, {}}};
}

}  // namespace

TEST_CASE("a broadcast comes back as it was sent, of the size that was told") {
    const FerretBroadcast sent = example();
    const std::vector<std::byte> bytes = encode(sent);
    CHECK(bytes.size() == broadcast_size(2, 0) + 1);
    const FerretBroadcast read = decode_ferret_broadcast(bytes);
    CHECK(read.clients_own);
    CHECK(read.next == ferret::SeedSharing::per_client);
    CHECK(read.damping == 0.25);
    CHECK((read.sketches == sent.sketches));
}

TEST_CASE("bytes that no server sends are refused") {
    const std::vector<std::byte> honest = encode(example());
    for (std::size_t size = 0; size < honest.size(); ++size) {
        CHECK_THROWS_AS(decode_ferret_broadcast(std::span(honest).first(size)), ferret::WireError);
    }
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        std::vector<std::byte> bytes(honest.begin(), honest.end() - 8);
        bytes[at] = std::byte{value};
        ferret::append_little_endian(bytes, ferret::crc64(bytes));
        return bytes;
    };
    CHECK_THROWS_AS(decode_ferret_broadcast(changed(6, 2)), ferret::Malformed);  // flags
    CHECK_THROWS_AS(decode_ferret_broadcast(changed(7, 9)), ferret::Malformed);
    CHECK_THROWS_AS(decode_ferret_broadcast(changed(16, 3)),
                    ferret::WireError);  // number of sketches
    FerretBroadcast none = example();
    none.sketches.clear();
    CHECK_THROWS_AS(decode_ferret_broadcast(encode(none)), ferret::Malformed);
    FerretBroadcast wild = example();
    wild.damping = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(decode_ferret_broadcast(encode(wild)), ferret::NonFinite);
}
