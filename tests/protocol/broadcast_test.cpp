#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/protocol/broadcast.hpp>
#include <ferret/wire/frame.hpp>
#include <limits>
#include <vector>

using ferret::Broadcast;

namespace {

const Broadcast broadcast{.round = 12,
                          .model_before = 34,
                          .model_after = 56,
                          .scale = -0.25f,
                          .sketches = {{std::byte{1}, std::byte{2}}, {}, {std::byte{3}}}};

}  // namespace

TEST_CASE("a broadcast is read back, and a changed one refused") {
    const std::vector<std::byte> bytes = encode(broadcast);
    CHECK(bytes.size() == 50 + 3 * 8 + 3);  // as its contract says
    CHECK(ferret::decode_broadcast(bytes) == broadcast);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::vector<std::byte> changed = bytes;
        changed[at] ^= std::byte{1};
        CHECK_THROWS_AS(static_cast<void>(ferret::decode_broadcast(changed)), ferret::WireError);
    }
}

TEST_CASE("a broadcast that claims sketches without end is refused without the memory for them") {
    ferret::FrameWriter frame("FRRB", 1);
    for (int field = 0; field < 3; ++field) frame.number(std::uint64_t{1});
    frame.number(1.0f);
    frame.number(std::numeric_limits<std::uint64_t>::max());
    CHECK_THROWS_AS(static_cast<void>(ferret::decode_broadcast(std::move(frame).finish())),
                    ferret::Truncated);
}
