#include "hugging_face/tokenizer/byte_letters.hpp"

#include <optional>
#include <set>
#include <string>

#include "support/doctest.hpp"

using hugging_face::bytes_of_letters;

TEST_CASE("letters of GPT-2's vocabulary are bytes") {
    CHECK(hugging_face::bytes_of_letters("word") == "word");
    CHECK(hugging_face::bytes_of_letters("\xC4\xA0the") == " the");
    CHECK(hugging_face::bytes_of_letters("\xC4\x8A\xC4\x89") == "\n\t");
    CHECK(hugging_face::bytes_of_letters("\xC3\x83\xC2\xA9") == "\xC3\xA9");
    CHECK(hugging_face::bytes_of_letters("") == "");
}

TEST_CASE("256 letters stand for 256 bytes") {
    std::set<std::string> bytes;
    for (unsigned letter = 0; letter < 0x800; ++letter) {
        std::string text;
        if (letter < 0x80) {
            text = static_cast<char>(letter);
        } else {
            text = {static_cast<char>(0xC0 | letter >> 6),
                    static_cast<char>(0x80 | (letter & 0x3F))};
        }
        if (const auto found = hugging_face::bytes_of_letters(text)) bytes.insert(*found);
    }
    CHECK(bytes.size() == 256);
    CHECK(bytes.begin()->size() == 1);
}

TEST_CASE("other characters, and what is no UTF-8, are no letters") {
    for (const char* text : {" ", "\n", "\xC2\xAD", "\xC5\x84", "\xE2\x96\x81", "\xC4", "\xC4z",
                             "\x80", "a\xFF", "\xF0\x9F\x98\x80"}) {
        CHECK(hugging_face::bytes_of_letters(text) == std::nullopt);
    }
}
