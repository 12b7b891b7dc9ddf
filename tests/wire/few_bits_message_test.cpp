#include "support/few_bits.hpp"
#include "support/messages.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/ferret.hpp>
#include <ferret/little_endian.hpp>
#include <ferret/wire/few_bits_reference.hpp>
#include <limits>
#include <span>
#include <vector>

// Messages of coordinates in few bits; those of all formats are wire_test.cpp's.

using ferret::CoordinateFormat;
using ferret::decode;
using ferret::encode;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::decode_message;
using ferret_test::Message;
using ferret_test::put;
using ferret_test::refuses;
using ferret_test::sign;
using ferret_test::small_sketch;

namespace {

/// A message of few bits with another first scale.
Message with_scale(const Sketch& sketch, CoordinateFormat format, std::uint32_t bits) {
    Message message = encode(sketch, format);
    put(message, 36 + 4 * sketch.bases_per_block.size() + 4, bits);
    sign(message);
    return message;
}

}  // namespace

TEST_CASE("a message of few bits has the bytes of docs/wire.md") {
    for (const CoordinateFormat format : ferret_test::few_bits_formats) {
        const Sketch sketch = [] {
            Sketch result = small_sketch();
            result.coordinates.back() = -3.0f;
            return result;
        }();
        const Message message = encode(sketch, format, 0x01020304);
        Message expected;
        for (const char letter : {'F', 'R', 'R', 'T'}) expected.push_back(std::byte(letter));
        ferret::append_little_endian(expected, std::uint16_t{1});
        ferret::append_little_endian(expected, std::uint8_t{5});
        ferret::append_little_endian(expected,
                                     static_cast<std::uint8_t>(16 + ferret::bits_of(format)));
        ferret::append_little_endian(expected, sketch.seed.value);
        ferret::append_little_endian(expected, sketch.seed.round);
        ferret::append_little_endian(expected, sketch.layout_fingerprint);
        for (const std::uint32_t number : {2u, 2u, 3u, 0x01020304u})
            ferret::append_little_endian(expected, std::uint32_t{number});
        const Message coordinates = ferret::reference::encode_few_bits(
            sketch.coordinates, ferret::cut_into_chunks(sketch.bases_per_block), format,
            {sketch.seed, 0x01020304});
        CHECK(coordinates.size() == 4 + 4 * ferret::bits_of(format));
        expected.insert(expected.end(), coordinates.begin(), coordinates.end());
        ferret::append_little_endian(expected, ferret::crc64(expected));
        CHECK(message == expected);
    }
}

TEST_CASE("messages of few bits are decoded with the rotation that they name") {
    Sketch sketch = small_sketch();
    sketch.bases_per_block = {3000, 9000, 1};
    sketch.coordinates = ferret_test::heavy_tailed_values(12001, 1);
    for (const CoordinateFormat format : ferret_test::few_bits_formats)
        for (const std::uint32_t rotation : {0u, 7u, 0xFFFFFFFFu}) {
            const Message message = encode(sketch, format, rotation, ferret::Cpu{.threads = 2});
            const std::vector<ferret::RotatedChunk> chunks =
                ferret::cut_into_chunks(sketch.bases_per_block);
            CHECK(message.size() == 44 + 4 * 3 + 4 + ferret::few_bits_size(chunks, format));
            const Sketch decoded = decode(message, format, ferret::Cpu{.threads = 3});
            CHECK(decode(message) == decoded);
            CHECK(decoded.seed == sketch.seed);
            CHECK(decoded.basis == sketch.basis);
            CHECK(decoded.layout_fingerprint == sketch.layout_fingerprint);
            CHECK(decoded.bases_per_block == sketch.bases_per_block);
            const std::vector<float> expected =
                ferret::reference::decode_few_bits(std::span(message).subspan(36 + 4 * 3 + 4),
                                                   chunks, format, {sketch.seed, rotation});
            CHECK(ferret_test::same_bits(decoded.coordinates, expected));
        }
    const Sketch empty{{1, 2}, ferret::Gaussian::id, 3, {}, {}};
    CHECK(decode(encode(empty, CoordinateFormat::one_bit)) == empty);
}

TEST_CASE("a scale of few bits that no encoder writes is refused before it is used") {
    const Sketch sketch = ferret_test::sketch_of(ferret_test::normal_values(8192, 3));
    for (const CoordinateFormat format : ferret_test::few_bits_formats) {
        CAPTURE(ferret::name_of(format));
        for (const std::uint32_t bits : {0x7F800000u, 0xFF800000u, 0x7FC00000u, 0xFFFFFFFFu})
            CHECK(contains(decode_message<ferret::NonFinite>(with_scale(sketch, format, bits)),
                           "decode: expected a finite scale"));
        // Negative, zero with a sign, the largest float, and just over the largest that is taken.
        const float largest = 0x1p120f / (512.0f * 8192.0f);
        for (const float scale : {-1.0f, -0.0f, -1e-45f, std::numeric_limits<float>::max(),
                                  std::nextafter(largest, 1e38f)})
            CHECK(contains(decode_message<ferret::Malformed>(
                               with_scale(sketch, format, std::bit_cast<std::uint32_t>(scale))),
                           "decode: expected a scale from 0 to"));
        // With the largest nothing overflows, whatever the levels are.
        Message message = with_scale(sketch, format, std::bit_cast<std::uint32_t>(largest));
        for (const std::byte fill : {std::byte{0}, std::byte{0xFF}, std::byte{0x69}}) {
            std::fill(message.begin() + 48, message.end() - 8, fill);
            sign(message);
            for (const float coordinate : decode(message).coordinates)
                REQUIRE(std::isfinite(coordinate));
        }
    }
}

TEST_CASE("a scale of a later chunk that no encoder writes is refused, naming where") {
    const Sketch sketch = ferret_test::sketch_of(ferret_test::normal_values(8192 + 40, 3));
    Message message = encode(sketch, CoordinateFormat::two_bits);
    put(message, 44 + 4 + 8192 / 4, 0xBF800000u);
    sign(message);
    CHECK(contains(decode_message<ferret::Malformed>(message), "for the coordinates from 8192 on"));
    put(message, 44 + 4 + 8192 / 4, 0x7FC00000u);
    sign(message);
    CHECK(contains(decode_message<ferret::NonFinite>(message), "for the coordinates from 8192 on"));
}

TEST_CASE("a message of few bits has room for its chunks and no more") {
    // 33 coordinates are two chunks: 31 of the second one's numbers are padding, and travel.
    for (const CoordinateFormat format : ferret_test::few_bits_formats) {
        const Sketch sketch = ferret_test::sketch_of(ferret_test::normal_values(33, 3));
        const Message message = encode(sketch, format);
        CHECK(message.size() == 44 + 4 + 4 + 2 * (4 + 4 * ferret::bits_of(format)));
        // One chunk more or less than the blocks say, and as many as a wrong number of them.
        for (const std::uint32_t bases : {32u, 65u, 8192u}) {
            Message changed = message;
            put(changed, 36, bases);
            sign(changed);
            CHECK(refuses<ferret::Truncated>(changed));
        }
    }
}
