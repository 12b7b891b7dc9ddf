#include "hugging_face/tokenizer/regex.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/doctest.hpp"

using hugging_face::Regex;
using Pieces = std::vector<std::string_view>;

TEST_CASE("matches and what lies between are the whole text") {
    CHECK(hugging_face::Regex("[0-9]+").split("a12b3") == Pieces{"a", "12", "b", "3"});
    CHECK(hugging_face::Regex("[0-9]").split("12a") == Pieces{"1", "2", "a"});
    CHECK(hugging_face::Regex("x").split("abc") == Pieces{"abc"});
    CHECK(hugging_face::Regex("x").split("") == Pieces{});
    CHECK(hugging_face::Regex("x*").split("axxb") ==
          Pieces{"a", "xx", "b"});  // empty matches do not count
    CHECK(hugging_face::Regex("(?=b)|b").split("abb") == Pieces{"a", "b", "b"});
}

TEST_CASE("classes are Unicode's") {
    CHECK(hugging_face::Regex("\\p{L}+").split("\xC3\xA9\xD0\x96-\xE6\x97\xA5") ==
          Pieces{"\xC3\xA9\xD0\x96", "-", "\xE6\x97\xA5"});
    CHECK(hugging_face::Regex("\\p{N}").split("\xC2\xBD\xD9\xA3") ==
          Pieces{"\xC2\xBD", "\xD9\xA3"});
    CHECK(hugging_face::Regex("(?i:'s)").split("'S'\xC5\xBF") ==
          Pieces{"'S", "'\xC5\xBF"});  // long s
    // White space includes U+0085, U+00A0 and U+3000, but not U+180E.
    CHECK(hugging_face::Regex("\\s+").split("a\xC2\x85\xC2\xA0\xE3\x80\x80z") ==
          Pieces{"a", "\xC2\x85\xC2\xA0\xE3\x80\x80", "z"});
    CHECK(hugging_face::Regex("\\s").split("a\xE1\xA0\x8Ez") == Pieces{"a\xE1\xA0\x8Ez"});
    CHECK(hugging_face::Regex("[^\\s]+").split("a\xE1\xA0\x8E z") ==
          Pieces{"a\xE1\xA0\x8E", " ", "z"});
    CHECK(hugging_face::Regex("\\\\s").split("a\\sb") ==
          Pieces{"a", "\\s", "b"});  // an escaped backslash
}

TEST_CASE("what comes before a match is seen by it") {
    CHECK(hugging_face::Regex("(?<=a)b|a").split("abb") == Pieces{"a", "b", "b"});
    CHECK(hugging_face::Regex("\\s+(?!\\S)|\\s+").split("a   b") == Pieces{"a", "  ", " ", "b"});
}

TEST_CASE("a pattern that is none is refused") {
    CHECK_THROWS_AS(hugging_face::Regex("("), std::invalid_argument);
    CHECK_THROWS_AS(hugging_face::Regex("\\"), std::invalid_argument);
    CHECK_THROWS_AS(hugging_face::Regex("\\p{Nonsense}"), std::invalid_argument);
}

TEST_CASE("a pattern that takes too many steps ends with an error") {
    const std::string text = std::string(64, 'a') + "b";
    CHECK_THROWS_AS(hugging_face::Regex("(a+)+$").split(text), std::runtime_error);
}

TEST_CASE("text that is no UTF-8 is refused") {
    CHECK_THROWS_AS(hugging_face::Regex("a").split("\xFF"), std::runtime_error);
}
