#include "hugging_face/tokenizer/tiktoken.hpp"

#include <string>

#include "support/doctest.hpp"

using hugging_face::read_tiktoken_lines;

TEST_CASE("the lines of a list of tokens in base64 with their ranks") {
    const std::string list = "IQ== 0\nIiM= 1\nYWJj 2\n";
    CHECK(hugging_face::read_tiktoken_lines(list).count == 3);
    CHECK(hugging_face::read_tiktoken_lines(list).whole);
    CHECK(hugging_face::read_tiktoken_lines(list.substr(0, list.size() - 1))
              .whole);  // no end of line
    for (const std::size_t length : {19U, 18U, 16U, 15U, 14U, 13U, 12U, 9U, 7U, 5U, 3U}) {
        CAPTURE(length);
        const auto lines =
            hugging_face::read_tiktoken_lines(std::string_view(list).substr(0, length));
        CHECK(lines.whole == (length == 14 || length == 13 || length == 7));
        CHECK(lines.count == (length < 7 ? 0 : length < 13 ? 1 : 2));
    }
}

TEST_CASE("what is no such list") {
    for (const std::string_view text : {"", "\n", "{}", "IQ==", "IQ== 1\n", "IQ== 00\n", "IQ= 0\n",
                                        "I*== 0\n", " 0\n", "==== 0\n", "IQ== 0 \n"}) {
        CAPTURE(text);
        CHECK(hugging_face::read_tiktoken_lines(text).count == 0);
        CHECK_FALSE(hugging_face::read_tiktoken_lines(text).whole);
    }
    CHECK_FALSE(hugging_face::read_tiktoken_lines("IQ== 0\nIg== 2\n").whole);
    CHECK_FALSE(hugging_face::read_tiktoken_lines("IQ== 0\n\nIg== 1\n").whole);
}
