#include "secure/hexadecimal.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/secure/shamir.hpp>
#include <new>
#include <vector>

using ferret::secure::combine;
using ferret::secure::Secret;
using ferret::secure::share_weights;
using ferret::secure::SharePoint;
using ferret::secure::split;
using ferret_test::bytes_of_hex;

namespace {

namespace detail = ferret::secure::detail;

/// Multiplication of polynomials, and division by x^8 + x^4 + x^3 + x + 1.
std::uint8_t product(unsigned a, unsigned b) {
    unsigned sum = 0;
    for (unsigned bit = 0; bit < 8; ++bit)
        if ((b >> bit & 1u) != 0) sum ^= a << bit;
    for (unsigned bit = 15; bit >= 8; --bit)
        if ((sum >> bit & 1u) != 0) sum ^= 0x11Bu << (bit - 8);
    return static_cast<std::uint8_t>(sum);
}

Secret rebuilt(const std::vector<Secret>& shares, const std::vector<SharePoint>& points,
               SharePoint at = 0) {
    return combine(shares, share_weights(points, at));
}

}  // namespace

TEST_CASE("the field is that of AES") {
    // FIPS 197, sections 4.2 and 4.2.1.
    CHECK(detail::multiply_one(0x57, 0x83) == 0xC1);
    CHECK(detail::multiply_one(0x57, 0x13) == 0xFE);
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned b = 0; b < 256; ++b)
            REQUIRE(detail::multiply_one(static_cast<std::uint8_t>(a),
                                         static_cast<std::uint8_t>(b)) == product(a, b));
        const auto number = static_cast<std::uint8_t>(a);
        CHECK(detail::multiply_one(number, detail::reciprocal(number)) == (a == 0 ? 0 : 1));
    }
    // Eight at a time, without one reaching into the next.
    CHECK(detail::multiply(0xFF80400157000101, 0x83) == [] {
        std::uint64_t expected = 0;
        for (unsigned byte = 0; byte < 8; ++byte)
            expected |= std::uint64_t{product(0xFF80400157000101 >> (8 * byte) & 0xFFu, 0x83)}
                        << (8 * byte);
        return expected;
    }());
}

TEST_CASE("shares of SLIP-39's published vectors give what its reference implementation rebuilds") {
    // vectors.json of python-shamir-mnemonic, the raw shares of its mnemonics: SLIP-39 has the secret at
    // point 255 and its digest at 254, over the same field.
    SUBCASE("23: two of three, 256 bits") {
        const std::vector<SharePoint> points{1, 2};
        const std::vector<Secret> shares{
            Secret(
                bytes_of_hex("19e366e9b2e34851e52132c31c2b2c957321bf5ce6c9c1410ea1ddf5fef92c27")),
            Secret(
                bytes_of_hex("81e5473f4b7f66094f888d2f98fe0ded6a692dc72c65dc498d6e28bee6ebdfcc"))};
        CHECK(rebuilt(shares, points, 255) ==
              bytes_of_hex("0204622ff84267b5dae0ca4e0c1328d6611b96b92b11692e5a7542314f7a54ee"));
        CHECK(rebuilt(shares, points, 254) ==
              bytes_of_hex("83067d94af367d74bc8756e370a937fe9f2311396d7562dfd2301108477405b7"));
    }
    SUBCASE("36: three members of the third group, 256 bits") {
        const std::vector<SharePoint> points{4, 1, 0};
        const std::vector<Secret> shares{
            Secret(
                bytes_of_hex("4bde8a604105f3a6c32f2f547131aafea756725a28e80a14d59d8f05c4adcca5")),
            Secret(
                bytes_of_hex("d127f1f9bc12e3856fb3983104783b71480d249d80101568def4a41100177dfb")),
            Secret(
                bytes_of_hex("82a363ed145a49a4e37311253c105846c0afb13b74e5ddda9cc25d7aae49bc89"))};
        CHECK(rebuilt(shares, points, 255) ==
              bytes_of_hex("09555b11c4d1cc8fc96163c81b110bbbd46c1bcb4c8488632de2dbb5c4bd9299"));
        CHECK(rebuilt(shares, points, 254) ==
              bytes_of_hex("5ad1c9056c9966ae45a1eadc2379688c5cce8e6db87140d16fd422de6ae353eb"));
    }
}

TEST_CASE("any threshold of the shares gives the secret back, in any order, and more do too") {
    const Secret secret = Secret::random();
    const std::vector<SharePoint> points{1, 2, 7, 100, 255};
    for (std::size_t threshold = 1; threshold <= points.size(); ++threshold) {
        const std::vector<Secret> shares = split(secret, points, threshold);
        REQUIRE(shares.size() == points.size());
        for (unsigned chosen = 1; chosen < 32; ++chosen) {
            std::vector<SharePoint> at;
            std::vector<Secret> held;
            for (std::size_t i = points.size(); i-- > 0;) {
                if ((chosen >> i & 1u) == 0) continue;
                at.push_back(points[i]);
                held.push_back(shares[i]);
            }
            CAPTURE(threshold);
            CAPTURE(chosen);
            CHECK((rebuilt(held, at) == secret) == (at.size() >= threshold));
        }
    }
}

TEST_CASE("fewer shares fit every secret: what they would give depends on the missing one alone") {
    // With one share short of the threshold, each value of a byte comes from exactly one value of the
    // missing share's byte.
    const std::vector<SharePoint> points{3, 4, 5};
    std::vector<Secret> shares = split(Secret::random(), points, 3);
    std::vector<int> times(256, 0);
    for (unsigned guess = 0; guess < 256; ++guess) {
        shares[2][17] = static_cast<std::byte>(guess);
        ++times[std::to_integer<unsigned>(rebuilt(shares, points)[17])];
    }
    CHECK(std::ranges::all_of(times, [](int t) { return t == 1; }));
}

TEST_CASE("a secret is shared anew each time") {
    const Secret secret = Secret::random();
    const std::vector<SharePoint> points{1, 2, 3};
    CHECK(split(secret, points, 2) != split(secret, points, 2));
    CHECK(split(secret, points, 1) == std::vector<Secret>(3, secret));
}

TEST_CASE("the words of a secret are wiped when they go") {
    alignas(detail::Words) std::byte memory[sizeof(detail::Words)];
    const Secret secret = Secret::random();
    auto* const words = new (memory) detail::Words(secret);
    CHECK(words->secret() == secret);
    words->~Words();
    for (const std::byte byte : memory) CHECK(byte == std::byte{0});
}

TEST_CASE("a point that is there twice is refused") {
    CHECK_THROWS_AS(static_cast<void>(share_weights(std::vector<SharePoint>{1, 2, 1})),
                    ferret::Malformed);
}
