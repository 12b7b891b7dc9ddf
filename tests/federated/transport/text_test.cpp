#include "federated/transport/text.hpp"

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("text comes back from its bytes, whatever the characters") {
    const std::string text("a\0\xff\n", 4);
    const auto bytes = bytes_of(text);
    REQUIRE(bytes.size() == 4);
    CHECK((bytes[2] == std::byte{0xff}));
    CHECK(text_of(bytes) == text);
    CHECK(bytes_of("").empty());
    CHECK(text_of({}).empty());
}

TEST_CASE("alone, a process has its own text") {
    InProcess process;
    CHECK(broadcast_text(process, "told") == "told");
}
