#include "federated/message/sparse_update.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>
#include <iterator>
#include <limits>
#include <random>
#include <stdexcept>

#include "federated/message/bit_stream.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr EntryFormat formats[] = {EntryFormat::float32, EntryFormat::bits8, EntryFormat::bits1};
constexpr auto infinity = std::numeric_limits<float>::infinity();

/// `count` numbers anywhere in a list, of a normal distribution.
SparseNumbers scattered(std::uint32_t size, std::size_t count) {
    std::mt19937 generator(size);
    std::vector<std::uint32_t> pool(size);
    for (std::uint32_t i = 0; i < size; ++i) pool[i] = i;
    SparseNumbers numbers{.size = size, .indices = {}, .values = {}};
    std::ranges::sample(pool, std::back_inserter(numbers.indices),
                        static_cast<std::ptrdiff_t>(count), generator);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < count; ++i) numbers.values.push_back(normal(generator));
    return numbers;
}

SparseNumbers through(const SparseNumbers& numbers, EntryFormat format) {
    const auto message = encode_sparse_update(numbers, format);
    SparseNumbers back = decode_sparse_update(message, numbers.size, format, "test");
    CHECK(back.size == numbers.size);
    CHECK(back.indices == numbers.indices);
    return back;
}

/// What a message with a scale says before its bits.
struct Header {
    std::uint32_t size = 100;
    std::uint32_t count = 1;
    std::uint8_t format = 3;
    std::uint8_t parameter = 0;
    float scale = 2.0f;
};

/// A message with these bytes of bits.
std::vector<std::byte> forged(const Header& header, std::initializer_list<std::uint8_t> bits) {
    ferret::FrameWriter frame("FEDE", 1);
    frame.number(header.size);
    frame.number(header.count);
    frame.number(header.format);
    frame.number(header.parameter);
    frame.number(header.scale);
    for (const std::uint8_t byte : bits) frame.number(byte);
    return std::move(frame).finish();
}

SparseNumbers read(const std::vector<std::byte>& message, EntryFormat format = EntryFormat::bits1) {
    return decode_sparse_update(message, 100, format, "message");
}

}  // namespace

TEST_CASE("entries come back from every format, at the ends of the list too") {
    for (const EntryFormat format : formats) {
        for (const std::uint64_t size : {std::uint64_t{1000}, (std::uint64_t{1} << 32) - 1}) {
            const auto last = static_cast<std::uint32_t>(size - 1);
            through({.size = size, .indices = {0, 1, 500, last}, .values = {1, -1, 1, 1}}, format);
            through({.size = size, .indices = {last}, .values = {1}}, format);
            through({.size = size, .indices = {}, .values = {}}, format);
        }
        through({.size = 3, .indices = {0, 1, 2}, .values = {1, 2, 3}}, format);
        through(scattered(5000, 777), format);
    }
}

TEST_CASE("the bytes are what the format says") {
    // Gaps 1, 4 and 0, for which 0 is the best parameter (and 1 as good): 10 11110 0, each from the
    // lowest bit on and with the sign after it.
    const auto unary = encode_sparse_update(
        {.size = 100, .indices = {1, 6, 7}, .values = {1.0f, -3.0f, 2.0f}}, EntryFormat::bits1);
    CHECK((unary == forged({.count = 3, .parameter = 0}, {0b0'1111'0'01, 0b0'0'1})));
    // Gaps 5 and 6, for which 2 is: 10 and 10, and 1 and 2 in two bits.
    const auto binary = encode_sparse_update(
        {.size = 100, .indices = {5, 12}, .values = {2.0f, -2.0f}}, EntryFormat::bits1);
    CHECK((binary == forged({.count = 2, .parameter = 2}, {0b0'01'0'01'01, 0b1'1})));
}

TEST_CASE("float32 values come back as they were") {
    const std::vector<float> values{0.0f, -0.0f, 1e-45f, -3.4e38f, 0.1f};
    const auto back =
        through({.size = 9, .indices = {0, 2, 4, 6, 8}, .values = values}, EntryFormat::float32);
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(back.values[i] == values[i]);
        CHECK(std::signbit(back.values[i]) == std::signbit(values[i]));
    }
}

TEST_CASE("values of 8 bits are off by half a step at most, the largest by nothing") {
    for (const float size : {1e-42f, 1e-30f, 1.0f, 1e38f}) {
        SparseNumbers numbers = scattered(4000, 600);
        for (float& value : numbers.values) value = std::fmod(value, 3.0f) * size;
        numbers.values[17] = -3.0f * size;
        const auto back = through(numbers, EntryFormat::bits8);
        CHECK(back.values[17] == numbers.values[17]);
        // Where floats are as coarse as the steps, what comes back is rounded once more.
        const double half = 3.0 * static_cast<double>(size) / 254.0 * 1.000001 + 0x1p-150;
        for (std::size_t i = 0; i < numbers.values.size(); ++i) {
            CHECK(std::abs(static_cast<double>(back.values[i]) -
                           static_cast<double>(numbers.values[i])) <= half);
        }
    }
    CHECK(through({.size = 5, .indices = {0, 3}, .values = {0, 0}}, EntryFormat::bits8).values ==
          std::vector<float>{0, 0});
}

TEST_CASE("values of one bit come back as their sign times the mean magnitude") {
    const SparseNumbers numbers{
        .size = 9, .indices = {1, 2, 4, 8}, .values = {3.0f, -1.0f, -4.0f, 2.0f}};
    CHECK(through(numbers, EntryFormat::bits1).values ==
          std::vector<float>{2.5f, -2.5f, -2.5f, 2.5f});
    const float most = std::numeric_limits<float>::max();
    CHECK(through({.size = 9, .indices = {1, 2}, .values = {most, -most}}, EntryFormat::bits1)
              .values == std::vector<float>{most, -most});
}

TEST_CASE(
    "a message is as long as told where entries lie anywhere, and indices take little more than "
    "their entropy") {
    for (const std::uint32_t size : {20'000u, 260'032u}) {
        for (const std::size_t count : {128u, 512u, 4096u}) {
            const SparseNumbers numbers = scattered(size, count);
            for (const EntryFormat format : formats) {
                const auto bytes =
                    static_cast<double>(encode_sparse_update(numbers, format).size());
                CHECK(expected_sparse_update_size(static_cast<double>(count), size, format) ==
                      doctest::Approx(bytes).epsilon(0.02));
            }
            const double share = static_cast<double>(count) / size;
            const double entropy = -static_cast<double>(size) *
                                   (share * std::log2(share) + (1 - share) * std::log2(1 - share)) /
                                   8.0;
            const double values = static_cast<double>(count) / 8.0;
            const auto bytes =
                static_cast<double>(encode_sparse_update(numbers, EntryFormat::bits1).size());
            CHECK(bytes - 28.0 - values < 1.04 * entropy);
        }
    }
    // The ends of the range: none, and all of them.
    CHECK(expected_sparse_update_size(0.0, 100, EntryFormat::bits1) == 28.0);
    CHECK(
        expected_sparse_update_size(100.0, 100, EntryFormat::bits8) ==
        static_cast<double>(encode_sparse_update(scattered(100, 100), EntryFormat::bits8).size()));
    CHECK(expected_sparse_update_size(500.0, 100, EntryFormat::float32) ==
          24.0 + std::ceil(100.0 * 33.0 / 8.0));
}

TEST_CASE("entries that lie together make a shorter message, whose parameter fits them") {
    SparseNumbers together{.size = 1'000'000, .indices = {}, .values = {}};
    for (std::uint32_t i = 0; i < 800; ++i) {
        together.indices.push_back(500'000 + i);
        together.values.push_back(1.0f);
    }
    // One long gap in unary would be 60 kilobytes: a parameter in between.
    CHECK(encode_sparse_update(together, EntryFormat::bits1).size() < 1300);
    for (std::uint32_t& index : together.indices) index -= 500'000;
    // All gaps are zero: two bits an entry.
    CHECK(encode_sparse_update(together, EntryFormat::bits1).size() == 28 + 800 * 2 / 8);
}

TEST_CASE("updates cut or altered anywhere are refused") {
    for (const EntryFormat format : formats) {
        const auto message = encode_sparse_update(scattered(100, 9), format);
        for (std::size_t length = 0; length < message.size(); ++length) {
            CHECK_THROWS_AS(
                decode_sparse_update(std::span(message).first(length), 100, format, "message"),
                ferret::WireError);
        }
        for (std::size_t i = 0; i < message.size(); ++i) {
            auto altered = message;
            altered[i] ^= std::byte{1};
            CHECK_THROWS_AS(read(altered, format), ferret::WireError);
        }
        auto longer = message;
        longer.push_back(std::byte{0});
        CHECK_THROWS_AS(read(longer, format), ferret::WireError);
        for (const EntryFormat other : formats) {
            if (other != format) CHECK_THROWS_AS(read(message, other), ferret::WireError);
        }
    }
}

TEST_CASE("messages that no sender can mean are refused, whatever their checksum says") {
    const auto refuses = [](const std::vector<std::byte>& message, const std::string& problem,
                            EntryFormat format = EntryFormat::bits1) {
        CHECK_THROWS_WITH_AS(read(message, format), ("message: expected " + problem).c_str(),
                             ferret::Malformed);
    };
    CHECK(read(forged({}, {0b0})).values == std::vector<float>{2.0f});
    refuses(forged({.size = 101}, {0}), "a list of 100 numbers, got 101");
    refuses(forged({.format = 4}, {0}), "values in format 3, got 4");
    refuses(forged({.parameter = 32}, {0, 0, 0, 0, 0}), "a Rice parameter of at most 31, got 32");
    refuses(forged({.scale = -1.0f}, {0}), "a scale of 0 or more");
    refuses(forged({.scale = -0.0f}, {0}), "a scale of 0 or more");
    // A claim of as many entries as there are no bytes for is refused before they are made room for.
    refuses(forged({.count = 0xFFFF'FFFFu}, {0, 0}),
            "at most 8 entries in its bytes, got 4294967295");
    refuses(forged({.count = 0xFFFF'FFFFu}, {}), "at most 0 entries in its bytes, got 4294967295");
    refuses(forged({.parameter = 7}, {0b1100'1000, 0}), "indices below 100, got 100");
    refuses(forged({.parameter = 31}, {0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0}),
            "indices below 100, got " + std::to_string(std::uint64_t{24} << 31));
    refuses(forged({}, {0b100}), "zeros after its last bit, got ones");
    refuses(forged({.count = 1}, {0, 0}), "its end, got 1 bytes more");
    refuses(forged({.format = 2}, {0x00, 0x01}), "values from -127, got -128", EntryFormat::bits8);
    CHECK_THROWS_AS(read(forged({.scale = infinity}, {0})), ferret::NonFinite);
    CHECK_THROWS_AS(read(forged({.scale = std::nanf("")}, {0})), ferret::NonFinite);
    CHECK_THROWS_AS(read(forged({}, {0xFF, 0xFF})), ferret::Truncated);
}

TEST_CASE("a float32 value that is not finite is refused by who reads it") {
    ferret::FrameWriter frame("FEDE", 1);
    frame.number(std::uint32_t{100});
    frame.number(std::uint32_t{1});
    frame.number(std::uint8_t{1});
    frame.number(std::uint8_t{0});
    BitWriter stream(frame);
    stream.unary(3);
    stream.bits(0x7F80'0000u, 32);
    stream.finish();
    CHECK_THROWS_AS(read(std::move(frame).finish(), EntryFormat::float32), ferret::NonFinite);
}

TEST_CASE("numbers that are no update are refused by who sends them") {
    for (const EntryFormat format : formats) {
        const auto refused = [&](const SparseNumbers& numbers) {
            CHECK_THROWS_AS(encode_sparse_update(numbers, format), std::invalid_argument);
        };
        refused({.size = 4, .indices = {4}, .values = {1.0f}});
        refused({.size = 4, .indices = {2, 1}, .values = {1.0f, 1.0f}});
        refused({.size = 4, .indices = {2, 2}, .values = {1.0f, 1.0f}});
        refused({.size = 4, .indices = {2}, .values = {}});
        refused({.size = std::uint64_t{1} << 32, .indices = {2}, .values = {1.0f}});
        for (const float value : {infinity, -infinity, std::nanf("")}) {
            CHECK_THROWS_AS(
                encode_sparse_update({.size = 4, .indices = {2}, .values = {value}}, format),
                ferret::NonFinite);
        }
    }
}

TEST_CASE("as many entries as have room") {
    for (const EntryFormat format :
         {EntryFormat::float32, EntryFormat::bits8, EntryFormat::bits1}) {
        for (const double bytes : {100.0, 1024.0, 65536.0}) {
            const auto most = static_cast<double>(most_entries(bytes, 2600320, format));
            CHECK(expected_sparse_update_size(most, 2600320, format) <= bytes);
            CHECK(expected_sparse_update_size(most + 1.0, 2600320, format) > bytes);
        }
        CHECK(most_entries(1e9, 260032, format) == 260032);
        CHECK(most_entries(10.0, 260032, format) == 0);
    }
}
