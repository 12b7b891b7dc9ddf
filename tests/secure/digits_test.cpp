#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/secure/digits.hpp>
#include <vector>

using ferret::secure::append_digits;
using ferret::secure::digit_count;
using ferret::secure::largest_digit_number;
using ferret::secure::number_of_digits;

TEST_CASE("a number comes back from its digits, and a sum of numbers from sums of digits") {
    for (unsigned bits = 1; bits <= 16; ++bits) {
        CAPTURE(bits);
        std::vector<std::uint32_t> sums(digit_count(bits), 0);
        std::uint64_t expected = 0;
        for (std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{123456789},
                                     largest_digit_number, largest_digit_number}) {
            std::vector<std::uint32_t> digits{7};
            append_digits(digits, number, bits);
            REQUIRE(digits.size() == 1 + digit_count(bits));
            CHECK(digits.front() == 7);
            digits.erase(digits.begin());
            CHECK(number_of_digits(digits, bits) == number);
            for (std::size_t i = 0; i < digits.size(); ++i) {
                CHECK(digits[i] < 1u << bits);
                sums[i] += digits[i];
            }
            expected += number;
        }
        CHECK(number_of_digits(sums, bits) == expected);
    }
}

TEST_CASE("256 clients' largest numbers add without a carry that is lost") {
    for (unsigned bits = 1; bits <= 16; ++bits) {
        std::vector<std::uint32_t> sums;
        append_digits(sums, largest_digit_number, bits);
        for (std::uint32_t& sum : sums) sum *= 256;
        CHECK(number_of_digits(sums, bits) == 256 * largest_digit_number);
    }
}
