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
#include <limits>
#include <random>
#include <vector>

using ferret::CoordinateFormat;
using ferret::decode;
using ferret::encode;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::decode_message;
using ferret_test::error_message;
using ferret_test::Message;
using ferret_test::put;
using ferret_test::refuses;
using ferret_test::sign;
using ferret_test::small_sketch;

TEST_CASE("a float32 message has the bytes of docs/wire.md") {
    const Message message = encode(small_sketch());
    REQUIRE(message.size() == 44 + 4 * 2 + 4 * 5);
    Message expected;
    for (const char letter : {'F', 'R', 'R', 'T'}) expected.push_back(std::byte(letter));
    ferret::append_little_endian(expected, std::uint16_t{1});
    ferret::append_little_endian(expected, std::uint8_t{5});
    ferret::append_little_endian(expected, std::uint8_t{1});
    ferret::append_little_endian(expected, small_sketch().seed.value);
    ferret::append_little_endian(expected, small_sketch().seed.round);
    ferret::append_little_endian(expected, small_sketch().layout_fingerprint);
    for (const std::uint32_t number : {2u, 2u, 3u})
        ferret::append_little_endian(expected, std::uint32_t{number});
    for (const float coordinate : small_sketch().coordinates)
        ferret::append_little_endian(expected, std::bit_cast<std::uint32_t>(coordinate));
    ferret::append_little_endian(expected, ferret::crc64(expected));
    CHECK(message == expected);
}

TEST_CASE("float32 messages come back whole") {
    CHECK(decode(encode(small_sketch())) == small_sketch());
    Sketch extremes = small_sketch();
    extremes.coordinates = {std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest(),
                            std::numeric_limits<float>::denorm_min(), -0.0f,
                            std::numeric_limits<float>::min()};
    CHECK(ferret_test::same_bits(decode(encode(extremes)).coordinates, extremes.coordinates));
    const Sketch empty{{1, 2}, ferret::Gaussian::id, 3, {}, {}};
    CHECK(decode(encode(empty)) == empty);
}

TEST_CASE("int16 messages are off by half a step of their block's scale") {
    Sketch sketch = small_sketch();
    sketch.bases_per_block = {1000, 1000, 1};
    sketch.coordinates.clear();
    for (const float value : ferret_test::simple_update(1000, 1))
        sketch.coordinates.push_back(value);
    for (const float value : ferret_test::simple_update(1000, 2))
        sketch.coordinates.push_back(value * 1e20f);
    sketch.coordinates.push_back(-7e-20f);
    const Message message = encode(sketch, CoordinateFormat::int16);
    CHECK(message.size() == 44 + 4 * 3 + 4 * 3 + 2 * 2001);
    const Sketch decoded = decode(message);
    CHECK(decoded.seed == sketch.seed);
    CHECK(decoded.bases_per_block == sketch.bases_per_block);
    REQUIRE(decoded.coordinates.size() == 2001);
    std::size_t k = 0;
    for (const std::uint32_t bases : sketch.bases_per_block) {
        double largest = 0.0;
        for (std::size_t i = k; i < k + bases; ++i)
            largest = std::max(largest, std::abs(static_cast<double>(sketch.coordinates[i])));
        // Half a step, and three roundings of 2^-24 (scale, quotient, product) of up to 32767
        // steps.
        const double tolerance = largest / 32767.0 * (0.5 + 3.0 * 32767.0 * 0x1p-24);
        for (std::size_t i = k; i < k + bases; ++i)
            CHECK(std::abs(static_cast<double>(decoded.coordinates[i]) - sketch.coordinates[i]) <=
                  tolerance);
        k += bases;
    }
}

TEST_CASE("int16 takes the extremes of float") {
    const auto through = [](std::vector<float> coordinates) {
        const auto count = static_cast<std::uint32_t>(coordinates.size());
        const Sketch sketch{{1, 1}, ferret::Gaussian::id, 3, {count}, std::move(coordinates)};
        return decode(encode(sketch, CoordinateFormat::int16)).coordinates;
    };
    CHECK(through({0.0f, -0.0f, 0.0f}) == std::vector<float>{0.0f, 0.0f, 0.0f});
    const float largest = std::numeric_limits<float>::max();
    const std::vector<float> decoded = through({largest, -largest, 0.0f, largest / 2});
    CHECK(decoded[0] == -decoded[1]);
    CHECK(decoded[2] == 0.0f);
    // Three roundings and the step towards zero that keeps the product finite.
    CHECK(decoded[0] >= largest * (1.0f - 4.0f * 0x1p-24f));

    // Scales below the normal numbers are as coarse as 2^-149, and no step count is: 32767 halves
    // of it, about 2^-135.
    const float tiny = std::numeric_limits<float>::denorm_min();
    for (const float magnitude : {1.0f, 2.0f, 16383.0f, 16384.0f, 32767.0f, 45874.0f, 65000.0f}) {
        const std::vector<float> rebuilt = through({magnitude * tiny, -magnitude * tiny});
        CHECK(std::abs(rebuilt[0] - magnitude * tiny) <= 16384.0f * tiny);
        CHECK(rebuilt[0] == -rebuilt[1]);
    }
}

TEST_CASE("a message of another format than was agreed on is refused") {
    for (const auto& [sent_name, sent] : ferret::coordinate_format_names)
        for (const auto& entry : ferret::coordinate_format_names) {
            const CoordinateFormat agreed = entry.second;
            const Message message = encode(ferret_test::sketch_of({1.0f, 2.0f, 3.0f}), sent);
            if (sent == agreed) {
                CHECK(decode(message, agreed) == decode(message));
                continue;
            }
            const std::string text = error_message<ferret::Malformed>(
                [&] { static_cast<void>(decode(message, agreed)); });
            CHECK(contains(text, "expected coordinates of format " + std::string(entry.first) +
                                     ", got " + std::string(sent_name)));
        }
}

TEST_CASE("sketches that contradict themselves are not encoded") {
    Sketch sketch = small_sketch();
    sketch.coordinates.pop_back();
    CHECK(
        contains(error_message<ferret::SketchMismatch>([&] { static_cast<void>(encode(sketch)); }),
                 "expected 5 coordinates for its blocks, got 4"));
    for (const auto& entry : ferret::coordinate_format_names)
        for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
            sketch = small_sketch();
            sketch.coordinates[3] = value;
            CHECK(contains(error_message<ferret::NonFinite>(
                               [&] { static_cast<void>(encode(sketch, entry.second)); }),
                           "at 3"));
        }
    for (const CoordinateFormat format : ferret_test::few_bits_formats)
        CHECK(contains(error_message<ferret::NonFinite>(
                           [&] { static_cast<void>(encode(small_sketch(), format)); }),
                       "encode: expected coordinates under"));
}

TEST_CASE("every truncation, extension and changed byte is refused") {
    Sketch sketch = small_sketch();
    sketch.coordinates.back() = -3.0f;
    for (const auto& entry : ferret::coordinate_format_names) {
        const std::string_view name = entry.first;
        const CoordinateFormat format = entry.second;
        CAPTURE(name);
        const Message message = encode(sketch, format);
        for (std::size_t length = 0; length < message.size(); ++length) {
            CAPTURE(length);
            CHECK(refuses<ferret::Truncated>(std::span(message).first(length)));
        }
        Message longer = message;
        longer.push_back(std::byte{0});
        CHECK(refuses<ferret::Truncated>(longer));
        for (std::size_t at = 0; at < message.size(); ++at) {
            for (unsigned change = 1; change < 256; ++change) {
                Message changed = message;
                changed[at] ^= static_cast<std::byte>(change);
                if (!refuses<ferret::WireError>(changed))
                    FAIL("byte " << at << " changed by " << change << " is accepted");
            }
        }
    }
}

TEST_CASE("each kind of damage has an error of its own") {
    const Message message = encode(small_sketch());
    Message damaged = message;
    damaged[0] = std::byte{'X'};
    CHECK(contains(decode_message<ferret::UnsupportedVersion>(damaged), "FRRT"));
    damaged = message;
    put(damaged, 4, std::uint16_t{2});
    sign(damaged);
    CHECK(
        contains(decode_message<ferret::UnsupportedVersion>(damaged), "expected version 1, got 2"));
    for (const unsigned basis : {0u, 254u, 255u}) {
        damaged = message;
        put(damaged, 6, static_cast<std::uint8_t>(basis));
        sign(damaged);
        CHECK(contains(decode_message<ferret::Malformed>(damaged), "known basis id"));
    }
    for (const unsigned format : {0u, 3u, 16u, 21u, 22u, 23u, 25u, 255u}) {
        damaged = message;
        put(damaged, 7, static_cast<std::uint8_t>(format));
        sign(damaged);
        CHECK(contains(decode_message<ferret::Malformed>(damaged), "format"));
    }
    damaged = message;
    damaged[45] ^= std::byte{1};
    CHECK(contains(decode_message<ferret::ChecksumMismatch>(damaged), "checksum"));
    damaged = message;
    put(damaged, 36, std::uint32_t{0});
    put(damaged, 40, std::uint32_t{5});
    sign(damaged);
    CHECK(contains(decode_message<ferret::Malformed>(damaged), "none in block 0"));
    for (const std::uint32_t bits : {0x7F800000u, 0xFF800000u, 0x7FC00000u}) {
        damaged = message;
        put(damaged, 44 + 4 * 2, bits);
        sign(damaged);
        CHECK(contains(decode_message<ferret::NonFinite>(damaged), "at 2"));
    }
}

TEST_CASE("a scale that is not finite is refused") {
    Sketch sketch = small_sketch();
    sketch.coordinates = {1.0f, 0.0f, 1.0f, 0.5f, 0.25f};
    for (const std::uint32_t bits : {0x7F800000u, 0xFF800000u, 0x7FC00000u, 0x7F7FFFFFu}) {
        Message message = encode(sketch, CoordinateFormat::int16);
        put(message, 44, bits);  // infinite, not a number, or so large that the product is infinite
        sign(message);
        CHECK(refuses<ferret::NonFinite>(message));
    }
}

TEST_CASE("absurd sizes are refused before anything is allocated") {
    // Any allocation from these would throw bad_alloc, or take the machine's memory.
    const Message message = encode(small_sketch());
    for (const std::uint32_t blocks : {0xFFFFFFFFu, 0x80000000u, 0x40000000u, 8u}) {
        Message hostile = message;
        put(hostile, 32, blocks);
        sign(hostile);
        CHECK(refuses<ferret::Truncated>(hostile));
    }
    Sketch fits_few_bits = small_sketch();
    fits_few_bits.coordinates.back() = -3.0f;
    for (const std::uint32_t bases : {0xFFFFFFFFu, 0x80000002u, 0x40000002u, 3u, 1u}) {
        for (const std::size_t at : {36u, 40u}) {
            for (const auto& entry : ferret::coordinate_format_names) {
                const CoordinateFormat format = entry.second;
                // Of few bits 32 coordinates more or fewer have another size.
                if (ferret::is_rotated(format) && bases < 8) continue;
                Message hostile = encode(fits_few_bits, format);
                put(hostile, at, bases == 3u && at == 40u ? 4u : bases);
                sign(hostile);
                CHECK(refuses<ferret::Truncated>(hostile));
            }
        }
    }
}

TEST_CASE("hostile messages with a right checksum are refused, or rebuilt without harm") {
    const auto layout = ferret::Layout::per_tensor({5, 300});
    std::mt19937_64 random(20240601);
    const auto draw = [&](std::size_t under) {
        return static_cast<std::size_t>(
            std::uniform_int_distribution<std::uint64_t>(0, under - 1)(random));
    };
    std::size_t decoded = 0;
    std::size_t rebuilt = 0;
    std::size_t refused = 0;
    for (int round = 0; round < 20000; ++round) {
        Sketch sketch = small_sketch();
        sketch.layout_fingerprint = layout.fingerprint();
        sketch.coordinates = {1.0f, -2.0f, 3.0f, -4.0f, 5.0f};
        const auto& formats = ferret::coordinate_format_names;
        Message message = encode(sketch, formats[draw(formats.size())].second);
        for (std::size_t changes = 1 + draw(3); changes > 0; --changes)
            message[draw(message.size() - 8)] = static_cast<std::byte>(draw(256));
        if (draw(8) == 0) message.resize(44 + draw(message.size() - 44));
        sign(message);
        try {
            const Sketch received = decode(message);
            ++decoded;
            const ferret::Reconstructor reconstruct{
                layout, ferret::parse_basis(ferret::basis_name(received.basis)),
                ferret::Cpu{.threads = 1}};
            std::vector<std::vector<float>> model{std::vector<float>(5), std::vector<float>(300)};
            reconstruct(received, model, 1e-3f);
            ++rebuilt;
        } catch (const ferret::Error&) {
            ++refused;  // anything else ends the test
        }
    }
    // Seeds may change to anything, sizes to little: both ways are well trodden.
    CHECK(decoded > 1000);
    CHECK(rebuilt > 1000);
    CHECK(refused > 1000);
}

TEST_CASE("the size of a message is known before it is written") {
    for (const auto& entry : ferret::coordinate_format_names)
        for (const std::vector<std::uint32_t>& bases :
             {std::vector<std::uint32_t>{}, {1}, {40, 1, 7}, {9000, 20, 8192}}) {
            CAPTURE(entry.first);
            Sketch sketch{{1, 2}, ferret::SparseSign::id, 3, bases, {}};
            for (const std::uint32_t count : bases)
                sketch.coordinates.resize(sketch.coordinates.size() + count, 0.5f);
            CHECK(ferret::encoded_size(bases, entry.second) == encode(sketch, entry.second).size());
        }
}
