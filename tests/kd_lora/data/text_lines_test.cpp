#include "kd_lora/data/text_lines.hpp"

#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace kd_lora;

TEST_CASE("lines end at LF or CR LF, and empty ones only count") {
    const std::string text = "a\r\n\n\r\nb c\td\r\r\ne";
    const auto lines = text_lines(text, "file");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "a");
    CHECK(lines[0].number == 1);
    CHECK(lines[1].text == "b c\td\r");  // one CR belongs to the end, the other to the text
    CHECK(lines[1].number == 4);
    CHECK(lines[2].text == "e");
    CHECK(lines[2].number == 5);
    CHECK(text_lines("", "file").empty());
    CHECK(text_lines("\n\n", "file").empty());
    CHECK(text_lines("x\n", "file").size() == 1);
    CHECK(text_lines("one\rtwo", "file").size() == 1);
}

TEST_CASE("other characters that break lines are text") {
    const std::string text =
        "a\xE2\x80\xA8"
        "b\x0b\x0c\xC2\x85"
        "c";
    const auto lines = text_lines(text, "file");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].text == text);
    CHECK(text_lines(std::string("a\0b", 3), "file")[0].text == std::string_view("a\0b", 3));
}

TEST_CASE("what is no UTF-8 is refused by its line") {
    const auto field = [](std::string_view text) {
        return error_field([&] { text_lines(text, "file"); });
    };
    CHECK(field("na\xC3\xAFve") == "no error");
    CHECK(field("good\n\nna\xEFve\n") == "line 3");
    CHECK(field("\xC3") == "line 1");
    CHECK(field("\xC3\n\xAF") == "line 1");           // a line end inside a character
    CHECK(field("x\n\xED\xA0\x80") == "line 2");      // a surrogate
    CHECK(field("x\n\xC0\xAF") == "line 2");          // an overlong form
    CHECK(field("x\n\xF4\x90\x80\x80") == "line 2");  // beyond U+10FFFF
    CHECK(field("x\n\xEF\xBF\xBD") == "no error");    // U+FFFD itself
}

TEST_CASE("a line has one field more than tabs") {
    using Fields = std::vector<std::string_view>;
    CHECK(tab_separated("") == Fields{""});
    CHECK(tab_separated("a") == Fields{"a"});
    CHECK(tab_separated("a\t\tb") == Fields{"a", "", "b"});
    CHECK(tab_separated("\t") == Fields{"", ""});
    CHECK(tab_separated("\"a\tb\"") == Fields{"\"a", "b\""});
}
