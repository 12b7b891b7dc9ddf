#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/wire/frame.hpp>
#include <limits>
#include <vector>

using ferret::FrameReader;
using ferret::FrameWriter;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

const std::vector<std::byte> content{std::byte{1}, std::byte{2}, std::byte{3}};

std::vector<std::byte> frame() {
    FrameWriter writer("TEST", 7);
    writer.number(std::uint64_t{123456789012345});
    writer.number(-0.5f);
    writer.bytes(content);
    return std::move(writer).finish();
}

/// A frame of these fields, with a checksum that is right.
std::vector<std::byte> frame_of(std::initializer_list<std::uint64_t> fields) {
    FrameWriter writer("TEST", 7);
    for (const std::uint64_t field : fields) writer.number(field);
    return std::move(writer).finish();
}

FrameReader read(std::span<const std::byte> bytes) {
    return {bytes, "TEST", 7, "test"};
}

}  // namespace

TEST_CASE("fields come out as they went in") {
    const std::vector<std::byte> bytes = frame();
    CHECK(bytes.size() == 4 + 2 + 8 + 4 + 8 + 3 + 8);
    FrameReader reader = read(bytes);
    CHECK(reader.number<std::uint64_t>() == 123456789012345);
    CHECK(reader.real() == -0.5f);
    const std::span<const std::byte> found = reader.bytes();
    CHECK(std::vector<std::byte>(found.begin(), found.end()) == content);
    reader.expect_end();
}

TEST_CASE("a frame that was cut or changed anywhere is refused") {
    const std::vector<std::byte> bytes = frame();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(read(std::span(bytes).first(size)), ferret::WireError);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::vector<std::byte> changed = bytes;
        changed[at] ^= std::byte{16};
        CHECK_THROWS_AS(read(changed), ferret::WireError);
    }
}

TEST_CASE("another kind and another version are told") {
    const std::vector<std::byte> bytes = frame();
    CHECK(contains(
        error_message<ferret::UnsupportedVersion>([&] { FrameReader(bytes, "ELSE", 7, "update"); }),
        "update: expected a message that begins with ELSE"));
    CHECK(contains(
        error_message<ferret::UnsupportedVersion>([&] { FrameReader(bytes, "TEST", 8, "update"); }),
        "expected version 8, got 7"));
}

TEST_CASE("a field that claims more than there is, is refused, however large") {
    for (const std::uint64_t size : {std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
        const std::vector<std::byte> bytes = frame_of({size});
        FrameReader reader = read(bytes);
        CHECK_THROWS_AS(static_cast<void>(reader.bytes()), ferret::Truncated);
    }
    const std::vector<std::byte> bytes = frame_of({5});
    FrameReader reader = read(bytes);
    static_cast<void>(reader.number<std::uint64_t>());
    CHECK_THROWS_AS(static_cast<void>(reader.number<std::uint16_t>()), ferret::Truncated);
}

TEST_CASE("what is left at the end is refused") {
    const std::vector<std::byte> bytes = frame_of({5, 6});
    FrameReader reader = read(bytes);
    static_cast<void>(reader.number<std::uint64_t>());
    CHECK(contains(error_message<ferret::Malformed>([&] { reader.expect_end(); }),
                   "test: expected its end, got 8 bytes more"));
}

TEST_CASE("bare bytes come without a length") {
    FrameWriter writer("TEST", 7);
    writer.bare_bytes(content);
    writer.number(std::uint8_t{9});
    writer.bare_bytes({});
    const std::vector<std::byte> bytes = std::move(writer).finish();
    CHECK(bytes.size() == 4 + 2 + 3 + 1 + 8);
    FrameReader reader = read(bytes);
    const std::span<const std::byte> found = reader.bare_bytes(3);
    CHECK(std::vector<std::byte>(found.begin(), found.end()) == content);
    for (const std::uint64_t size : {std::uint64_t{2}, std::numeric_limits<std::uint64_t>::max()})
        CHECK(contains(
            error_message<ferret::Truncated>([&] { static_cast<void>(reader.bare_bytes(size)); }),
            "test: expected "));
    CHECK(reader.bare_bytes(0).empty());
    CHECK(reader.number<std::uint8_t>() == 9);
    reader.expect_end();
}

TEST_CASE("what was read so far is what was written so far") {
    FrameWriter writer("TEST", 7);
    writer.number(std::uint32_t{3});
    const std::vector<std::byte> written(writer.content().begin(), writer.content().end());
    CHECK(written.size() == 4 + 2 + 4);
    writer.bytes(content);
    const std::vector<std::byte> bytes = std::move(writer).finish();
    FrameReader reader = read(bytes);
    CHECK(reader.content().size() == 4 + 2);
    static_cast<void>(reader.number<std::uint32_t>());
    CHECK(std::ranges::equal(reader.content(), written));
}
