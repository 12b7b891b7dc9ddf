#include "text/final_number.hpp"

#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

std::string number(std::string_view answer) {
    return final_number(answer).value_or("none");
}

}  // namespace

TEST_CASE("the number after the mark counts") {
    CHECK(number("48/2 = <<48/2=24>>24 clips.\n#### 72") == "72");
    CHECK(number("#### 5 apples, and 6 pears\n#### 7") == "5");
    CHECK(number("so 12\n#### none") == "none");
    CHECK(number("####") == "none");
    CHECK(number("#### $1,080") == "1080");
}

TEST_CASE("without the mark the last number counts") {
    CHECK(number("She has 3 + 4 = 7 apples.") == "7");
    CHECK(number("7") == "7");
    CHECK(number("no number") == "none");
    CHECK(number("") == "none");
}

TEST_CASE("equal numbers are equal texts") {
    CHECK(number("18.00") == "18");
    CHECK(number("1,234,567.50") == "1234567.5");
    CHECK(number("007") == "7");
    CHECK(number("000") == "0");
    CHECK(number("0.5") == "0.5");
    CHECK(number("-3") == "-3");
    CHECK(number("-0.0") == "0");
    CHECK(number("It is 72.") == "72");
    CHECK(number("It is 72, or so") == "72");
    CHECK(number("1, 2") == "2");
}
