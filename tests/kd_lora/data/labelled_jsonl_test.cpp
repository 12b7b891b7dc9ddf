#include "kd_lora/data/labelled_jsonl.hpp"

#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

std::string error_of(std::string_view text, std::int64_t labels = 0) {
    const TemporaryFolder folder;
    const auto file = folder.write("rows.jsonl", text);
    return error_field([&] { read_labelled_jsonl(file, labels); });
}

}  // namespace

TEST_CASE("a row is an object with sentence or text, and label") {
    const TemporaryFolder folder;
    const auto rows = read_labelled_jsonl(folder.write("rows.jsonl",
                                                       "{\"sentence\":\"a\\n\\\"b\\\"\","
                                                       "\"label\":0,\"idx\":[1]}\r\n"
                                                       "\n  \n"
                                                       "{\"label\":2,\"text\":\"\\u00e4\"}"),
                                          0);
    CHECK(rows.examples == std::vector<LabelledExample>{{"a\n\"b\"", 0}, {"\xC3\xA4", 2}});
    CHECK(rows.lines == std::vector<std::size_t>{1, 4});
}

TEST_CASE("a malformed object is refused by line and field") {
    const std::string good = "{\"text\":\"a\",\"label\":1}\n";
    CHECK(error_of(good) == "no error");
    CHECK(error_of("\xEF\xBB\xBF" + good) == "no error");
    CHECK(error_of("") == "file");
    CHECK(error_of("\n \n") == "file");
    CHECK(error_of(good + "7") == "line 2");
    CHECK(error_of("[" + good + "]") == "line 1, byte 24");
    CHECK(error_of("[{\"text\":\"a\",\"label\":1}]") == "line 1");
    CHECK(error_of("{\n\"text\":\"a\",\n\"label\":1}") == "line 1, byte 2");
    CHECK(error_of(good + "{\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":\"a\",\"sentence\":\"b\",\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":null,\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":[\"a\"],\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":\"\",\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":\" \\t\\n\",\"label\":1}") == "line 2, sentence");
    CHECK(error_of(good + "{\"text\":\"a\"}") == "line 2, label");
    for (const std::string_view label : {"null", "\"1\"", "1.0", "true", "-1", "[1]",
                                         "9223372036854775808", "18446744073709551615", "1e0"}) {
        CAPTURE(label);
        CHECK(error_of(good + "{\"text\":\"a\",\"label\":" + std::string(label) + "}") ==
              "line 2, label");
    }
    CHECK(error_of("{\"text\":\"a\",\"label\":2}", 2) == "line 1, label");
    CHECK(error_of("{\"text\":\"a\",\"label\":2}", 3) == "no error");
    CHECK(error_of(good + "{\"text\":\"na\xEFve\",\"label\":1}") == "line 2");
    CHECK(error_of(good + "{\"text\":\"\\ud800\",\"label\":1}").starts_with("line 2, byte"));
    CHECK(error_of(good + std::string(100, '[')) == "line 2, JSON");
}
