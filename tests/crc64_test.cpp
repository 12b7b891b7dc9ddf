#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
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

namespace {

/// The definition, a bit at a time.
std::uint64_t slow_crc64(std::span<const std::byte> bytes) {
    std::uint64_t crc = ~std::uint64_t{0};
    for (const std::byte byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            const bool differs = ((crc ^ (static_cast<std::uint64_t>(byte) >> bit)) & 1) != 0;
            crc = (crc >> 1) ^ (differs ? 0xC96C5795D7870F42u : 0u);
        }
    return ~crc;
}

}  // namespace

TEST_CASE("crc64 is that of one bit after the other, whatever the length and where it begins") {
    std::vector<std::byte> bytes(71);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(37 * i + 11);
    for (std::size_t begin = 0; begin < 8; ++begin)
        for (std::size_t count = 0; begin + count <= bytes.size(); ++count) {
            const auto part = std::span(bytes).subspan(begin, count);
            CHECK(ferret::crc64(part) == slow_crc64(part));
        }
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
