#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <ferret/little_endian.hpp>
#include <limits>
#include <vector>

using ferret::append_little_endian;
using ferret::read_little_endian;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::initializer_list<unsigned> values) {
    Bytes bytes;
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

template <class Integer>
Bytes written(Integer value) {
    Bytes bytes;
    append_little_endian(bytes, value);
    return bytes;
}

}  // namespace

TEST_CASE("the lowest byte comes first") {
    CHECK(written(std::uint8_t{0xFE}) == bytes_of({0xFE}));
    CHECK(written(std::uint16_t{0x0102}) == bytes_of({2, 1}));
    CHECK(written(std::uint32_t{0x80010203}) == bytes_of({3, 2, 1, 0x80}));
    CHECK(written(std::uint64_t{0x0102030405060708}) == bytes_of({8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST_CASE("integers are appended to what there is") {
    Bytes bytes = bytes_of({9});
    append_little_endian(bytes, std::uint16_t{0x0102});
    append_little_endian(bytes, std::uint8_t{3});
    CHECK(bytes == bytes_of({9, 2, 1, 3}));
}

TEST_CASE("integers are read from any offset") {
    const Bytes bytes = bytes_of({0xFF, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0xFF});
    CHECK(read_little_endian<std::uint8_t>(bytes, 1) == 0x88);
    CHECK(read_little_endian<std::uint16_t>(bytes, 1) == 0x7788);
    CHECK(read_little_endian<std::uint32_t>(bytes, 5) == 0x11223344);
    CHECK(read_little_endian<std::uint64_t>(bytes, 1) == 0x1122334455667788);
}

TEST_CASE_TEMPLATE("what was written is read", Integer, std::uint8_t, std::uint16_t, std::uint32_t,
                   std::uint64_t) {
    const auto largest = std::numeric_limits<Integer>::max();
    for (const Integer value : {Integer{0}, Integer{1}, static_cast<Integer>(largest / 3), largest})
        CHECK(read_little_endian<Integer>(written(value), 0) == value);
}

TEST_CASE("words are stored and loaded lowest byte first, at any address") {
    const std::vector<std::uint32_t> words{0x04030201, 0xFFFEFDFC, 0x80000000};
    Bytes bytes(14, std::byte{0x55});
    ferret::store_little_endian(words, bytes.data() + 1);
    CHECK(bytes == bytes_of({0x55, 1, 2, 3, 4, 0xFC, 0xFD, 0xFE, 0xFF, 0, 0, 0, 0x80, 0x55}));
    std::vector<std::uint32_t> loaded(3, 7);
    ferret::load_little_endian(bytes.data() + 1, loaded);
    CHECK(loaded == words);
}
