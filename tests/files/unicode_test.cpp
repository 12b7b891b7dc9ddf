#include "files/unicode.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/doctest.hpp"

using namespace files;

TEST_CASE("well-formed text stays as it is") {
    for (const std::string_view text :
         {"", "plain", "\xC2\x80\xDF\xBF", "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
          "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"}) {
        CHECK(replace_ill_formed(text) == text);
    }
}

TEST_CASE("maximal subparts of ill-formed text become U+FFFD, one each") {
    // As bytes.decode(errors="replace") of Python gives them; '?' stands for U+FFFD.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> cases{{
        {"\xFF", "?"},
        {"a\x80z", "a?z"},
        {"\xC0\x80", "??"},
        {"\xC3", "?"},
        {"\xC3(", "?("},
        {"\xE2\x82", "?"},
        {"\xE2\x82z\xE2z", "?z?z"},
        {"\xE0\x9F\xBF", "???"},
        {"\xED\xA0\x80", "???"},
        {"\xF0\x90\x80z", "?z"},
        {"\xF4\x90\x80\x80", "????"},
        {"\xF5\x80\xF0\x80", "????"},
    }};
    for (const auto& ill_formed : cases) {
        const std::string_view shown = ill_formed.second;
        CAPTURE(shown);
        std::string expected;
        for (const char letter : shown) {
            letter == '?' ? expected += "\xEF\xBF\xBD" : expected += letter;
        }
        CHECK(replace_ill_formed(ill_formed.first) == expected);
    }
}

TEST_CASE("letters and accents are composed, and put into canonical order") {
    CHECK(compose("cafe\xCC\x81") == "caf\xC3\xA9");
    CHECK(compose("\xE2\x84\xAB") == "\xC3\x85");                              // Angstrom sign
    CHECK(compose("q\xCC\x87\xCC\xA3") == "q\xCC\xA3\xCC\x87");                // dot below first
    CHECK(compose("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8") == "\xEA\xB0\x81");  // Hangul
    CHECK(compose("\xEF\xAC\x81") == "\xEF\xAC\x81");  // a ligature is no composition
    CHECK(compose(std::string_view("a\0b", 3)) == std::string_view("a\0b", 3));
    CHECK(compose("") == "");
    CHECK_THROWS_AS(compose("\xFF"), std::invalid_argument);
}

TEST_CASE("letters and accents come apart, in canonical order") {
    CHECK(decompose(U"caf\u00E9") == U"cafe\u0301");
    CHECK(decompose(U"\u212B") == U"A\u030A");               // Angstrom sign
    CHECK(decompose(U"q\u0307\u0323") == U"q\u0323\u0307");  // dot below first
    CHECK(decompose(U"\u1E69x\u0323") == U"s\u0323\u0307x\u0323");
    CHECK(decompose(U"\uAC01") == U"\u1100\u1161\u11A8");  // Hangul
    CHECK(decompose(U"\U0001D15F") == U"\U0001D158\U0001D165");
    CHECK(decompose(U"\uFB01") == U"\uFB01");  // a ligature is no composition
    CHECK(decompose(std::u32string_view(U"a\0b", 3)) == std::u32string_view(U"a\0b", 3));
    CHECK(decompose(U"").empty());
}

TEST_CASE("lower case, each character by itself") {
    CHECK(lower_case(U"Stra\u00DFE \u00C9 \u212A \u1E9E") == U"stra\u00DFe \u00E9 k \u00DF");
    CHECK(lower_case(U"\u039F\u03A3") == U"\u03BF\u03C3");  // no final sigma
    CHECK(lower_case(U"\u0130I\u0131") == U"i\u0307i\u0131");
    CHECK(lower_case(U"\U00010400") == U"\U00010428");
    CHECK(lower_case(U"").empty());
}

TEST_CASE("characters and what they are") {
    CHECK(characters_of("a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\xFF") ==
          U"a\u00E9\u20AC\U0001D11E\uFFFD");
    CHECK(characters_of("").empty());
    CHECK(is_letter(U'z'));
    CHECK(is_letter(U'\u00E9'));
    CHECK_FALSE(is_letter(U'7'));
    CHECK_FALSE(is_letter(0));
    CHECK(is_currency(U'$'));
    CHECK(is_currency(U'\u20AC'));
    CHECK_FALSE(is_currency(U'%'));
    CHECK(is_closing_bracket(U')'));
    CHECK_FALSE(is_closing_bracket(U'('));
    CHECK(is_nonspacing_mark(U'\u0301'));
    CHECK_FALSE(is_nonspacing_mark(U'\u0903'));  // takes space
    for (const char32_t sign : std::u32string_view(U"_-([)]\u00AB\u00BB.\u3002")) {
        CHECK(is_punctuation(sign));
    }
    for (const char32_t other : std::u32string_view(U"$+<^`|a1 ")) {
        CHECK_FALSE(is_punctuation(other));
    }
    for (const char32_t space : {U' ', U'\u00A0', U'\u2028', U'\u2029', U'\u3000'}) {
        CHECK(is_separator(space));
    }
    for (const char32_t none : {U'\t', U'\u200B', U'x'}) CHECK_FALSE(is_separator(none));
    for (const char32_t unseen : {U'\0', U'\n', U'\u0085', U'\u00AD', U'\u200D', U'\uE000'}) {
        CHECK(is_invisible(unseen));
    }
    for (const char32_t seen : {U' ', U'x', U'\u0378'}) CHECK_FALSE(is_invisible(seen));
}
