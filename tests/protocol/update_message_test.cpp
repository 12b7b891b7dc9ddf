#include "protocol/federation.hpp"

#include <doctest/doctest.h>

#include <ferret/protocol/update_message.hpp>

TEST_CASE("an update's message is read back, and a changed one refused") {
    const ferret::Plan plan = ferret_test::small_plan();
    const ferret_test::Model model = ferret_test::first_model();
    const std::vector<std::byte> bytes = ferret_test::answer(plan, model, 3, 8, 5);
    const ferret::UpdateMessage message = ferret::decode_update(bytes);
    CHECK(ferret::encode(message, plan.up) == bytes);
    CHECK(bytes.size() ==
          54 + ferret::encode(message.sketch, plan.up).size());  // as its contract says
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::vector<std::byte> changed = bytes;
        changed[at] ^= std::byte{1};
        CHECK_THROWS_AS(static_cast<void>(ferret::decode_update(changed)), ferret::WireError);
    }
}

TEST_CASE("a frame whose sketch is none is refused") {
    ferret::FrameWriter frame("FRRU", 1);
    for (int field = 0; field < 4; ++field) frame.number(std::uint64_t{1});
    frame.bytes(std::vector<std::byte>(40));
    CHECK_THROWS_AS(static_cast<void>(ferret::decode_update(std::move(frame).finish())),
                    ferret::WireError);
}
