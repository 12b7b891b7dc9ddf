#include <doctest/doctest.h>

#include <cstddef>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <span>
#include <string_view>
#include <vector>

TEST_CASE("crc64 gives the published check value") {
    constexpr std::string_view digits = "123456789";
    CHECK(ferret::crc64(std::as_bytes(std::span(digits))) == 0x995DC9BBDF1939FA);
    CHECK(ferret::crc64({}) == 0);
}

TEST_CASE("integers are written and read lowest byte first") {
    std::vector<std::byte> bytes{std::byte{0xAA}};
    ferret::append_little_endian(bytes, std::uint32_t{0x01020304});
    ferret::append_little_endian(bytes, std::uint16_t{0x0506});
    CHECK(bytes == std::vector<std::byte>{std::byte{0xAA}, std::byte{4}, std::byte{3}, std::byte{2},
                                          std::byte{1}, std::byte{6}, std::byte{5}});
    CHECK(ferret::read_little_endian<std::uint32_t>(bytes, 1) == 0x01020304);
    CHECK(ferret::read_little_endian<std::uint16_t>(bytes, 5) == 0x0506);
}
