#include "kd_lora/data/tsv_rows.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace kd_lora;

namespace {

const std::filesystem::path file = "rows.tsv";
constexpr TsvColumns columns{.sentence = 2, .label = 0, .count = 3};

}  // namespace

TEST_CASE("rows have the fields at the columns, and the lines' numbers") {
    const std::vector<TextLine> lines{{4, "1\tx\t \"a\" "}, {9, "0\t\tb"}};
    const LabelledFile rows = tsv_rows(lines, columns, file, 2);
    CHECK(rows.examples == std::vector<LabelledExample>{{" \"a\" ", 1}, {"b", 0}});
    CHECK(rows.lines == std::vector<std::size_t>{4, 9});
}

TEST_CASE("other lines are refused by number and field") {
    const auto field = [](std::string_view line, std::int64_t labels) {
        const std::vector<TextLine> lines{{4, "1\tx\ta"}, {9, line}};
        return error_field([&] { tsv_rows(lines, columns, file, labels); });
    };
    CHECK(field("3\tx\ta", 0) == "no error");
    CHECK(field("3\tx\ta", 3) == "line 9, label");
    CHECK(field("\tx\ta", 3) == "line 9, label");
    CHECK(field("1\tx\t", 3) == "line 9, sentence");
    CHECK(field("1\tx", 3) == "line 9");
    CHECK(field("1\tx\ta\t", 3) == "line 9");
    CHECK(error_field([] { tsv_rows({}, columns, file, 2); }) == "file");
}
