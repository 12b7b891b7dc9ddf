#include "hugging_face/tokenizer/bert_words.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"

using namespace hugging_face;

namespace {

using Words = std::vector<std::u32string>;

constexpr BertWords uncased;
constexpr BertWords cased{.lower_case = false, .strip_accents = false};

}  // namespace

TEST_CASE("spaces end words, and signs are words") {
    const Words words{U"don", U"'", U"t", U"you", U"!", U"?", U"a", U"_", U"b"};
    CHECK(uncased.split("Don't\tyou!?\r\n a_b ") == words);
    CHECK(cased.split("\xC2\xA0x\xE3\x80\x80y\xE2\x80\xA8z\xE2\x80\xA9") ==
          Words{U"x", U"y", U"z"});
    CHECK(uncased.split("").empty());
    CHECK(uncased.split(" \t\n\r ").empty());
}

TEST_CASE("ASCII's symbols are signs, other symbols are not") {
    for (const char symbol : std::string("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")) {
        CAPTURE(symbol);
        const auto sign = static_cast<char32_t>(symbol);
        CHECK(cased.split(std::string("a") + symbol + "b") == Words{U"a", {sign}, U"b"});
    }
    CHECK(cased.split("a\xE2\x82\xAC"
                      "b") == Words{U"a\u20ACb"});
    CHECK(cased.split("a\xE2\x80\x94"
                      "b") == Words{U"a", U"\u2014", U"b"});
}

TEST_CASE("what cannot be seen is dropped without ending a word") {
    using namespace std::string_literals;
    for (const std::string& unseen :
         {"\0"s, "\x07"s, "\x0B"s, "\x1C"s, "\x7F"s, "\xC2\x85"s, "\xC2\xAD"s, "\xE2\x80\x8B"s,
          "\xE2\x80\x8D"s, "\xEF\xBB\xBF"s, "\xEE\x80\x80"s, "\xEF\xBF\xBD"s, "\xFF"s,
          "\xE2\x80"s}) {
        CAPTURE(unseen);
        CHECK(cased.split("a" + unseen + "b") == Words{U"ab"});
    }
    CHECK(cased.split("a\xCD\xB8"
                      "b") == Words{U"a\u0378"
                                    U"b"});  // not assigned
}

TEST_CASE("accents and case") {
    // "Cafe" composed and decomposed, "ISTANBUL" with a dotted I, a Greek word that ends in sigma.
    const std::string text =
        "Caf\xC3\xA9 Cafe\xCC\x81 \xC4\xB0STANBUL \xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3";
    CHECK(uncased.split(text) == Words{U"cafe", U"cafe", U"istanbul", U"\u03BF\u03B4\u03BF\u03C3"});
    CHECK(cased.split(text) ==
          Words{U"Caf\u00E9", U"Cafe\u0301", U"\u0130STANBUL", U"\u039F\u0394\u039F\u03A3"});
    CHECK(BertWords{.lower_case = true, .strip_accents = false}.split(text) ==
          Words{U"caf\u00E9", U"cafe\u0301", U"i\u0307stanbul", U"\u03BF\u03B4\u03BF\u03C3"});
    CHECK(BertWords{.lower_case = false, .strip_accents = true}.split(text) ==
          Words{U"Cafe", U"Cafe", U"ISTANBUL", U"\u039F\u0394\u039F\u03A3"});
    CHECK(uncased.split("\xEA\xB0\x81 \xE3\x81\x8C") == Words{U"\u1100\u1161\u11A8", U"\u304B"});
    CHECK(cased.split("\xEA\xB0\x81 \xE3\x81\x8C") == Words{U"\uAC01", U"\u304C"});
}

TEST_CASE("Chinese characters are words") {
    const std::string text =
        "a\xE6\x88\x91\xE5\x96\x9C"
        "b\xE3\x81\x99\xF0\xA0\x80\x80";
    CHECK(uncased.split(text) == Words{U"a", U"\u6211", U"\u559C", U"b\u3059", U"\U00020000"});
    CHECK(BertWords{.isolate_chinese = false}.split(text) == Words{U"a\u6211\u559C"
                                                                   U"b\u3059\U00020000"});
}
