#include "federated/message/bit_stream.hpp"

#include <vector>

#include "support/doctest.hpp"

using namespace federated;

namespace {

/// A frame of what `write` writes, its letters and checksum left out.
template <class Write>
std::vector<unsigned> bytes_of(const Write& write) {
    ferret::FrameWriter frame("TEST", 1);
    BitWriter stream(frame);
    write(stream);
    stream.finish();
    std::vector<unsigned> content;
    const std::vector<std::byte> bytes = std::move(frame).finish();
    for (std::size_t i = 6; i + 8 < bytes.size(); ++i) {
        content.push_back(std::to_integer<unsigned>(bytes[i]));
    }
    return content;
}

std::vector<std::byte> frame_of(std::initializer_list<std::uint8_t> content) {
    ferret::FrameWriter frame("TEST", 1);
    for (const std::uint8_t byte : content) frame.number(byte);
    return std::move(frame).finish();
}

}  // namespace

TEST_CASE("bits are laid down from the lowest one on") {
    using Bytes = std::vector<unsigned>;
    CHECK(bytes_of([](BitWriter&) {}).empty());
    CHECK(bytes_of([](BitWriter& stream) { stream.bits(1, 1); }) == Bytes{1});
    CHECK(bytes_of([](BitWriter& stream) {
              stream.bits(0b101, 3);
              stream.bits(0, 0);
              stream.bits(0xFFFF'FF12u, 8);  // the others are not asked for
          }) == Bytes{0b10010'101, 0b000});
    CHECK(bytes_of([](BitWriter& stream) {
              stream.unary(0);
              stream.unary(3);
          }) == Bytes{0b01110});
    CHECK(bytes_of([](BitWriter& stream) { stream.unary(33); }) == Bytes{255, 255, 255, 255, 1});
}

TEST_CASE("what was written is read") {
    ferret::FrameWriter frame("TEST", 1);
    BitWriter writer(frame);
    for (unsigned count = 0; count <= 32; ++count) {
        writer.bits(0x89AB'CDEFu, count);
        writer.unary(3 * count);
    }
    writer.finish();
    const std::vector<std::byte> bytes = std::move(frame).finish();
    ferret::FrameReader content(bytes, "TEST", 1, "test");
    BitReader reader(content);
    CHECK(reader.left() == 8 * (bytes.size() - 14));
    for (unsigned count = 0; count <= 32; ++count) {
        const std::uint64_t mask = (std::uint64_t{1} << count) - 1;
        CHECK(reader.bits(count) == (0x89AB'CDEFu & mask));
        CHECK(reader.unary() == 3 * count);
    }
    CHECK(reader.left() < 8);
    CHECK_NOTHROW(reader.expect_end());
}

TEST_CASE("bits that are not there, and those beyond the end, are refused") {
    const auto bytes = frame_of({0xFF, 0x03});
    ferret::FrameReader frame(bytes, "TEST", 1, "test");
    SUBCASE("too many") {
        BitReader reader(frame);
        CHECK(reader.bits(9) == 0x1FFu);
        CHECK(reader.left() == 7);
        CHECK_THROWS_AS(reader.bits(8), ferret::Truncated);
    }
    SUBCASE("no end of ones") {
        const auto ones = frame_of({0xFF, 0xFF});
        ferret::FrameReader all_ones(ones, "TEST", 1, "test");
        CHECK_THROWS_AS(BitReader(all_ones).unary(), ferret::Truncated);
    }
    SUBCASE("ones after the end") {
        BitReader reader(frame);
        reader.bits(9);
        CHECK_THROWS_WITH_AS(reader.expect_end(),
                             "test: expected zeros after its last bit, got ones",
                             ferret::Malformed);
    }
    SUBCASE("a byte more") {
        BitReader reader(frame);
        reader.bits(8);
        CHECK_THROWS_AS(reader.expect_end(), ferret::Malformed);
    }
}
