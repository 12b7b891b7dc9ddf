#include "federated/message/sparse_message.hpp"

#include <limits>
#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr std::size_t overhead = 32;

SparseNumbers some(std::uint64_t size) {
    return {.size = size, .indices = {0, 7, 30}, .values = {1.5f, -2.0f, 0.0f}};
}

void expect_same(const SparseNumbers& left, const SparseNumbers& right) {
    CHECK(left.size == right.size);
    CHECK(left.indices == right.indices);
    CHECK(left.values == right.values);
}

}  // namespace

TEST_CASE("sparse numbers come back from a message of 6 or 8 bytes each") {
    for (const std::uint64_t size :
         {std::uint64_t{1} << 16, (std::uint64_t{1} << 16) + 1, std::uint64_t{1} << 32}) {
        const SparseNumbers numbers = some(size);
        const auto message = encode_numbers(numbers);
        CHECK(message.size() == overhead + 3 * (size <= 65536 ? 6 : 8));
        expect_same(decode_numbers(message, size, Repeats::refused, "test"), numbers);
    }
}

TEST_CASE("values that are not zero are counted") {
    CHECK(count_nonzero(some(40)) == 2);
    CHECK(count_nonzero({.size = 4, .indices = {0, 1}, .values = {-0.0f, 0.0f}}) == 0);
    CHECK(count_nonzero({.size = 4, .indices = {}, .values = {}}) == 0);
}

TEST_CASE("a list that is almost full travels whole") {
    SparseNumbers numbers{.size = 40, .indices = {}, .values = {}};
    for (std::uint32_t i = 0; i < 39; ++i) {
        numbers.indices.push_back(i);
        numbers.values.push_back(static_cast<float>(i) + 0.5f);
    }
    const auto message = encode_numbers(numbers);
    CHECK(message.size() == encoded_numbers_size(40));
    std::vector<float> values = numbers.values;
    values.push_back(0.0f);
    CHECK(decode_all_numbers(message, 40, "test") == values);
    CHECK(decode_numbers(message, 40, Repeats::refused, "test").indices.size() == 40);
    CHECK((encode_numbers(values) == message));

    // Two thirds is where both forms are as long.
    for (const std::size_t count : {27u, 26u}) {
        numbers.indices.resize(count);
        numbers.values.resize(count);
        CHECK(encode_numbers(numbers).size() == overhead + (count == 26 ? 26 * 6 : 40 * 4));
    }
}

TEST_CASE("repeated indices are read where they are allowed") {
    const SparseNumbers numbers{.size = 3, .indices = {1, 1, 2, 2, 2}, .values = {1, 2, 3, 4, 5}};
    const auto message = encode_numbers(numbers);
    expect_same(decode_numbers(message, 3, Repeats::allowed, "test"), numbers);
    CHECK_THROWS_WITH_AS(decode_numbers(message, 3, Repeats::refused, "message"),
                         "message: expected ascending indices, got 1 after 1", std::runtime_error);
}

TEST_CASE("numbers cut or altered anywhere are refused") {
    for (const auto& message : {encode_numbers(some(100)), encode_numbers(some(100000)),
                                encode_numbers(std::vector<float>(31, 2.0f))}) {
        const std::uint64_t size = message.size() == overhead + 31 * 4 ? 31
                                   : message.size() == overhead + 18   ? 100
                                                                       : 100000;
        REQUIRE_NOTHROW(decode_numbers(message, size, Repeats::allowed, "test"));
        for (std::size_t length = 0; length < message.size(); ++length) {
            CHECK_THROWS_AS(
                decode_numbers(std::span(message).first(length), size, Repeats::allowed, "test"),
                std::runtime_error);
        }
        for (std::size_t i = 0; i < message.size(); ++i) {
            auto altered = message;
            altered[i] ^= std::byte{1};
            CHECK_THROWS_AS(decode_numbers(altered, size, Repeats::allowed, "test"),
                            std::runtime_error);
        }
        auto longer = message;
        longer.push_back(std::byte{0});
        CHECK_THROWS_AS(decode_numbers(longer, size, Repeats::allowed, "test"), std::runtime_error);
    }
}

TEST_CASE("numbers that no sender can mean are refused") {
    const auto refuses = [](const SparseNumbers& numbers, const std::string& problem) {
        CHECK_THROWS_WITH_AS(
            decode_numbers(encode_numbers(numbers), 100, Repeats::refused, "message"),
            problem.c_str(), std::runtime_error);
    };
    refuses(some(101), "message: expected a list of 100 numbers, got 101");
    refuses({.size = 100, .indices = {4}, .values = {std::numeric_limits<float>::infinity()}},
            "message: expected finite numbers, got inf");
    CHECK_THROWS_WITH_AS(decode_all_numbers(encode_numbers(some(100)), 100, "message"),
                         "message: expected all 100 numbers, got 3", std::runtime_error);

    CHECK_THROWS_AS(encode_numbers({.size = 4, .indices = {4}, .values = {1.0f}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(encode_numbers({.size = 4, .indices = {2, 1}, .values = {1.0f, 1.0f}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(encode_numbers({.size = 4, .indices = {2}, .values = {}}),
                    std::invalid_argument);
}

TEST_CASE("the mean over clients counts every place that one of them names, and every repeat") {
    const std::vector<SparseNumbers> clients = {
        {.size = 100, .indices = {3, 7, 7}, .values = {1.0f, 2.0f, 4.0f}},
        {.size = 100, .indices = {7, 99}, .values = {-1.0f, 0.0f}},
        {.size = 100, .indices = {}, .values = {}},
        {.size = 100, .indices = {0}, .values = {-8.0f}}};
    const SparseNumbers mean = mean_of(clients);
    CHECK(mean.size == 100);
    CHECK(mean.indices == std::vector<std::uint32_t>{0, 3, 7, 99});
    CHECK(mean.values == std::vector<float>{-2.0f, 0.25f, 1.25f, 0.0f});
    CHECK_THROWS_AS(mean_of({}), std::invalid_argument);
}
