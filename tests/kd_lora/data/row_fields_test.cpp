#include "kd_lora/data/row_fields.hpp"

#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace kd_lora;

namespace {

const std::filesystem::path file = "rows.tsv";

std::string message(std::string_view label, std::int64_t labels) {
    try {
        RowFields(file, 7, labels).label(label);
    } catch (const files::FileError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("labels are whole numbers in decimal digits") {
    CHECK(RowFields(file, 1, 0).label("0") == 0);
    CHECK(RowFields(file, 1, 0).label("12") == 12);
    CHECK(RowFields(file, 1, 3).label("2") == 2);
    for (const std::string_view text :
         {"", " ", "1 ", " 1", "+1", "-1", "-0", "1.0", "1e0", "0x1", "one", "positive", "1\r",
          "\xD9\xA1", "9999999999", "18446744073709551616"}) {
        CAPTURE(text);
        CHECK(error_field([&] { RowFields(file, 3, 0).label(text); }) == "line 3, label");
    }
}

TEST_CASE("a label that there is not is refused by file, line and what came") {
    CHECK(error_field([] { RowFields(file, 7, 2).label("2"); }) == "line 7, label");
    CHECK(message("2", 2).find("rows.tsv") != std::string::npos);
    CHECK(message("2", 2).find("line 7") != std::string::npos);
    CHECK(message("2", 2).find("0 or 1") != std::string::npos);
    CHECK(message("2", 2).find("'2'") != std::string::npos);
    CHECK(message("", 2).find("nothing") != std::string::npos);
    CHECK(message("5", 5).find("from 0 to 4") != std::string::npos);
    CHECK(message("4", 5) == "no error");
    CHECK(error_field([] { RowFields(file, 2, 0).label(-1, "-1"); }) == "line 2, label");
}

TEST_CASE("a sentence is text, as it stands") {
    const RowFields row(file, 4, 2);
    CHECK(row.sentence(" \"Quoted\" ") == " \"Quoted\" ");
    for (const std::string_view text : {"", " ", "\t", "  \r"}) {
        CAPTURE(text);
        CHECK(error_field([&] { row.sentence(text); }) == "line 4, sentence");
    }
}

TEST_CASE("long text is cut off in messages, also in the middle of a character") {
    CHECK(in_quotes("") == "nothing");
    CHECK(in_quotes("a\tb") == "'a\tb'");
    CHECK(in_quotes(std::string(60, 'a')) == "'" + std::string(60, 'a') + "'");
    CHECK(in_quotes(std::string(61, 'a')) == "'" + std::string(60, 'a') + "'...");
    CHECK(in_quotes(std::string(59, 'a') + "\xC3\xA4") ==
          "'" + std::string(59, 'a') + "\xEF\xBF\xBD'...");
}
