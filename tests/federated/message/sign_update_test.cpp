#include "federated/message/sign_update.hpp"

#include <cmath>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>
#include <limits>
#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

namespace {

using Sizes = std::vector<std::size_t>;

const Sizes sizes{4, 1, 6};
const std::vector<float> values{1, -2, 3, 0, -5, -0.5f, 0.5f, 0.5f, -0.5f, -0.5f, -0.0f};

std::vector<float> read(std::span<const std::byte> message, const Sizes& of = sizes) {
    return decode_signs(message, of, "message");
}

std::vector<std::byte> forged(std::uint64_t count, std::initializer_list<float> scales,
                              std::initializer_list<std::uint8_t> bits) {
    ferret::FrameWriter frame("FEDG", 1);
    frame.number(count);
    for (const float scale : scales) frame.number(scale);
    for (const std::uint8_t byte : bits) frame.number(byte);
    return std::move(frame).finish();
}

}  // namespace

TEST_CASE("values come back as their sign times the mean magnitude of their tensor") {
    const auto message = encode_signs(values, sizes);
    const float third = 2.5f / 6.0f;
    CHECK((message == forged(11, {1.5f, 5.0f, third}, {0b0011'0010, 0b0000'0111})));
    CHECK(message.size() == encoded_signs_size(sizes));
    CHECK(read(message) == std::vector<float>{1.5f, -1.5f, 1.5f, 1.5f, -5.0f, -third, third, third,
                                              -third, -third, -third});
}

TEST_CASE("a byte holds eight signs, and a message of no tensors none") {
    for (const std::size_t size : {1u, 7u, 8u, 9u, 1000u}) {
        const std::vector<float> all(size, -2.0f);
        const auto message = encode_signs(all, Sizes{size});
        CHECK(message.size() == 22 + 4 + (size + 7) / 8);
        CHECK(read(message, {size}) == all);
    }
    CHECK(read(encode_signs({}, {}), {}).empty());
    CHECK(read(encode_signs(std::vector<float>(3, 0.0f), Sizes{3}), {3}) ==
          std::vector<float>(3, 0.0f));
}

TEST_CASE("the largest floats have a mean, and the smallest one other than zero") {
    for (const float value :
         {std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}) {
        const std::vector<float> all(5, value);
        CHECK(read(encode_signs(all, Sizes{5}), {5}) == all);
    }
}

TEST_CASE("signs cut or altered anywhere are refused, and those of other tensors") {
    const auto message = encode_signs(values, sizes);
    for (std::size_t length = 0; length < message.size(); ++length) {
        CHECK_THROWS_AS(read(std::span(message).first(length)), ferret::WireError);
    }
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto altered = message;
        altered[i] ^= std::byte{1};
        CHECK_THROWS_AS(read(altered), ferret::WireError);
    }
    CHECK_THROWS_AS(read(message, {4, 7}), ferret::WireError);
    CHECK_THROWS_AS(read(message, {4, 1, 7}), ferret::WireError);
}

TEST_CASE("messages of signs that no sender can mean are refused") {
    CHECK_NOTHROW(read(forged(3, {1.0f}, {7}), {3}));
    CHECK_THROWS_WITH_AS(read(forged(std::uint64_t{1} << 60, {1.0f}, {7}), {3}),
                         "message: expected 3 values, got 1152921504606846976", ferret::Malformed);
    // Nothing is allocated for tensors of which the message has no bits.
    CHECK_THROWS_WITH_AS(read(forged(std::uint64_t{1} << 60, {1.0f}, {7}), {std::size_t{1} << 60}),
                         "message: expected 144115188075855898 bytes, got 27", ferret::Malformed);
    CHECK_THROWS_WITH_AS(read(forged(3, {1.0f}, {0xF}), {3}),
                         "message: expected zeros after its last bit, got ones", ferret::Malformed);
    CHECK_THROWS_AS(read(forged(3, {-1.0f}, {0}), {3}), ferret::Malformed);
    CHECK_THROWS_AS(read(forged(3, {std::numeric_limits<float>::infinity()}, {0}), {3}),
                    ferret::NonFinite);
}

TEST_CASE("values that have no mean magnitude, or other tensors, are refused by who sends them") {
    for (const float value : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
        CHECK_THROWS_AS(encode_signs(std::vector<float>{1.0f, value}, Sizes{2}), ferret::NonFinite);
    }
    CHECK_THROWS_AS(encode_signs(values, Sizes{4, 1}), std::invalid_argument);
}
