#include "federated/options/byte_count.hpp"

#include <stdexcept>
#include <string>

#include "support/doctest.hpp"

using federated::parse_bytes;

TEST_CASE("bytes as people write them") {
    CHECK(parse_bytes("4096", 1e6) == 4096.0);
    CHECK(parse_bytes("4K", 1e6) == 4096.0);
    CHECK(parse_bytes("1.5M", 1e6) == 1.5 * 1024.0 * 1024.0);
    CHECK(parse_bytes("1/1000", 1e6) == 1000.0);
}

TEST_CASE("anything else is refused, and named") {
    for (const std::string text :
         {"", "K", "4k", "4 K", "-4", "0", "1/0", "2/3", "1/", "inf", "nan", "1e4", "4KB"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(parse_bytes(text, 1e6),
                             ("bytes: expected a number such as 4096, 4K or 1M, or a share such as "
                              "1/1000, got '" +
                              text + "'")
                                 .c_str(),
                             std::invalid_argument);
    }
}
