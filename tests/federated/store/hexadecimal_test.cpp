#include "federated/store/hexadecimal.hpp"

#include "support/doctest.hpp"

TEST_CASE("a number has all of its sixteen digits") {
    CHECK(federated::hexadecimal(0) == "0000000000000000");
    CHECK(federated::hexadecimal(0x1234'5678'9abc'def0) == "123456789abcdef0");
}
