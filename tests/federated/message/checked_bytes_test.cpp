#include "federated/message/checked_bytes.hpp"

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("letters open the bytes") {
    const std::vector<std::byte> bytes = opening_letters("FEDTEST1");
    CHECK(bytes.size() == 8);
    CHECK((bytes[0] == std::byte{'F'}));
    CHECK(opens_with(bytes, "FEDTEST1"));
    CHECK_FALSE(opens_with(bytes, "FEDTEST2"));
    CHECK_FALSE(opens_with(std::span(bytes).first(7), "FEDTEST1"));
}

TEST_CASE("a checksum is of all bytes since the beginning that was named") {
    std::vector<std::byte> bytes(5, std::byte{9});
    append_checksum(bytes, 2);
    REQUIRE(bytes.size() == 5 + checksum_size);
    CHECK(fits_checksum(std::span(bytes).subspan(2)));
    CHECK_FALSE(fits_checksum(bytes));
    for (std::size_t i = 2; i < bytes.size(); ++i) {
        auto altered = bytes;
        altered[i] ^= std::byte{1};
        CHECK_FALSE(fits_checksum(std::span(altered).subspan(2)));
    }
    CHECK_FALSE(fits_checksum(std::span(bytes).last(7)));
}
