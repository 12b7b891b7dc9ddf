#include "fed_llm/text/final_number.hpp"

#include <filesystem>
#include <sstream>
#include <string>

#include "files/file.hpp"
#include "support/doctest.hpp"

using namespace files;
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

TEST_CASE("a minus before a number, its currency sign or spaces is a sign") {
    CHECK(number("#### -5") == "-5");
    CHECK(number("#### - 5") == "-5");
    CHECK(number("#### -$5") == "-5");
    CHECK(number("#### -$1,234.50") == "-1234.5");
    CHECK(number("#### - $5") == "-5");
    CHECK(number("#### -$ 5") == "-5");
    CHECK(number("#### $-5") == "-5");
    CHECK(number("#### -\xE2\x82\xAC"
                 "5") == "-5");  // the euro sign
    CHECK(number("#### \xE2\x88\x92"
                 "5") == "-5");  // U+2212
    CHECK(number("#### **-5**") == "-5");
    CHECK(number("#### (-5)") == "-5");
    CHECK(number("The answer is -5.") == "-5");
    CHECK(number("x = -5") == "-5");
    CHECK(number("x=-5") == "-5");
    CHECK(number("2 - -3") == "-3");
    CHECK(number("-$0") == "0");
    CHECK(number("- 5") == "-5");
}

TEST_CASE("a minus after a digit, a letter or a closing bracket is none") {
    CHECK(number("It takes 3-4 days") == "4");
    CHECK(number("so x = 12-7") == "7");
    CHECK(number("12 - 7") == "7");
    CHECK(number("12 - $7") == "7");
    CHECK(number("$5-$7") == "7");
    CHECK(number("5%-7%") == "7");
    CHECK(number("5\xE2\x82\xAC-7\xE2\x82\xAC") == "7");
    CHECK(number("(3 + 4)-5") == "5");
    CHECK(number("[3]-5") == "5");
    CHECK(number("COVID-19") == "19");
    CHECK(number("caf\xC3\xA9-5") == "5");
    CHECK(number("the total - 5") == "5");
    CHECK(number("They get:\n- 5 apples\n- 7 pears") == "7");
    CHECK(number("3\xE2\x80\x93"
                 "4") == "4");  // an en dash
}

TEST_CASE("digits may be missing before the decimal point") {
    CHECK(number("#### .5") == "0.5");
    CHECK(number("#### -.25") == "-0.25");
    CHECK(number("#### $.50") == "0.5");
    CHECK(number("#### -$.50") == "-0.5");
    CHECK(number("#### .0") == "0");
    CHECK(number("#### 2.") == "2");
    CHECK(number("so it is...5") == "5");
    CHECK(number("No.5") == "5");
    CHECK(number("1.2.3") == "3");
}

TEST_CASE("bytes that are no UTF-8 do no harm") {
    CHECK(number("\xFF-5\xE2\x82") == "-5");
    CHECK(number("#### \xE2\x82 7") == "7");
}

TEST_SUITE("shared") {
    TEST_CASE("the gold answers of GSM8K are read as they stand") {
        std::size_t answers = 0;
        std::size_t negative = 0;
        for (const char* name : {"train.jsonl", "test.jsonl"}) {
            std::istringstream lines(
                read_file(std::filesystem::path(FERRET_SHARED_DIR) / "data/gsm8k" / name, 1 << 24));
            for (std::string line; std::getline(lines, line);) {
                const auto answer = parse_json(line, name).at("answer").get<std::string>();
                std::string gold = answer.substr(answer.find("#### ") + 5);
                std::erase(gold, ',');
                CAPTURE(answer);
                CHECK(number(answer) == gold);
                ++answers;
                if (gold.starts_with('-')) ++negative;
            }
        }
        CHECK(answers == 8792);
        CHECK(negative == 5);
    }
}
