#include "federated/message/frame_with_parts.hpp"

#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>

#include "support/doctest.hpp"

using namespace federated;

namespace {

const std::vector<std::byte> first(5, std::byte{7});
const std::vector<std::byte> second(300, std::byte{9});

std::vector<std::byte> written() {
    PartsWriter writer("TEST", 3);
    writer.part(first);
    writer.number(std::uint32_t{42});
    writer.part({});
    writer.part(second);
    return std::move(writer).finish();
}

void read_all(std::span<const std::byte> bytes) {
    PartsReader reader(bytes, "TEST", 3, "test");
    reader.part();
    reader.number<std::uint32_t>();
    reader.part();
    reader.part();
    reader.expect_end();
}

}  // namespace

TEST_CASE("numbers and parts come back in their order") {
    const auto bytes = written();
    PartsReader reader(bytes, "TEST", 3, "test");
    CHECK(std::ranges::equal(reader.part(), first));
    CHECK(reader.number<std::uint32_t>() == 42);
    CHECK(reader.part().empty());
    CHECK(std::ranges::equal(reader.part(), second));
    reader.expect_end();
}

TEST_CASE("the frame's size leads, the parts end the bytes") {
    const auto bytes = written();
    // Letters, version, three sizes, a number, checksum.
    constexpr std::size_t frame = 4 + 2 + 3 * 8 + 4 + 8;
    CHECK(ferret::read_little_endian<std::uint64_t>(bytes, 0) == frame);
    CHECK(bytes.size() == 8 + frame + 305);
    CHECK(std::ranges::equal(std::span(bytes).last(300), second));
    CHECK(std::ranges::equal(std::span(bytes).subspan(8 + frame, 5), first));
}

TEST_CASE("cut and longer bytes are refused, and a frame that was altered") {
    const auto bytes = written();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_THROWS_AS(read_all(std::span(bytes).first(size)), ferret::WireError);
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    CHECK_THROWS_AS(read_all(longer), ferret::Malformed);
    for (std::size_t i = 0; i < 50; ++i) {
        auto altered = bytes;
        altered[i] ^= std::byte{0x80};
        CHECK_THROWS_AS(read_all(altered), ferret::WireError);
    }
    CHECK_THROWS_AS(PartsReader(bytes, "TEST", 2, "test"), ferret::UnsupportedVersion);
    CHECK_THROWS_WITH(read_all(std::span(bytes).first(3)), "test: expected 8 bytes more, got 3");
}

TEST_CASE("a frame without parts is known as what an earlier version wrote") {
    const auto frame = ferret::FrameWriter("TEST", 1).finish();
    CHECK_THROWS_WITH_AS(
        read_all(frame),
        "test: expected the size of a frame, got a frame TEST of an earlier version",
        ferret::UnsupportedVersion);
}

TEST_CASE("a reader takes no more fields than there are") {
    const auto bytes = std::move(PartsWriter("TEST", 1)).finish();
    PartsReader reader(bytes, "TEST", 1, "test");
    CHECK_THROWS_AS(reader.part(), ferret::Truncated);
    CHECK_THROWS_AS(reader.number<std::uint16_t>(), ferret::Truncated);
}
