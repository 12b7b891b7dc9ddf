#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/secure/packed_integers.hpp>
#include <vector>

using ferret::secure::pack;
using ferret::secure::packed_size;
using ferret::secure::unpack;

TEST_CASE("integers of any width come back, and take no bit more than they need") {
    for (unsigned bits = 1; bits <= 32; ++bits) {
        for (std::size_t count = 0; count < 20; ++count) {
            CAPTURE(bits);
            CAPTURE(count);
            std::vector<std::uint32_t> integers;
            std::vector<std::uint32_t> kept;
            for (std::size_t i = 0; i < count; ++i) {
                integers.push_back(static_cast<std::uint32_t>((i + 1) * 0x9E3779B97F4A7C15u >> 13));
                kept.push_back(bits == 32 ? integers.back() : integers.back() & ((1u << bits) - 1));
            }
            const std::vector<std::byte> bytes = pack(integers, bits);
            CHECK(bytes.size() == (count * bits + 7) / 8);
            CHECK(bytes.size() == packed_size(count, bits));
            CHECK(unpack(bytes, count, bits) == kept);
        }
    }
}

TEST_CASE("the lowest bits come first") {
    CHECK(pack(std::vector<std::uint32_t>{5, 2, 7}, 3) ==
          std::vector<std::byte>{std::byte{0b11'010'101}, std::byte{0b1}});
}

TEST_CASE("another size and bits behind the last integer are refused") {
    const std::vector<std::byte> bytes = pack(std::vector<std::uint32_t>{5, 2, 7}, 3);
    for (const std::uint64_t count : {std::uint64_t{2}, std::uint64_t{6}, ~std::uint64_t{0}})
        CHECK_THROWS_AS(static_cast<void>(unpack(bytes, count, 3)), ferret::Malformed);
    std::vector<std::byte> dirty = bytes;
    dirty.back() |= std::byte{2};
    CHECK(ferret_test::contains(
        ferret_test::error_message<ferret::Malformed>([&] { unpack(dirty, 3, 3); }),
        "expected zeros behind the last one"));
}
