#include "kd_lora/data/labelled_tsv.hpp"

#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

std::string error_of(std::string_view text, std::int64_t labels = 0) {
    const TemporaryFolder folder;
    const auto file = folder.write("rows.tsv", text);
    return error_field([&] { read_labelled_tsv(file, labels); });
}

}  // namespace

TEST_CASE("columns are found by the header's names") {
    const TemporaryFolder folder;
    const auto read = [&](std::string_view text) {
        return read_labelled_tsv(folder.write("rows.tsv", text), 0);
    };
    const auto rows = read("id\tlabel\tnote\ttext\n17\t2\t\t\"He said \"\"no\"\"\"\n18\t0\tx\ty\n");
    CHECK(rows.examples == std::vector<LabelledExample>{{"\"He said \"\"no\"\"\"", 2}, {"y", 0}});
    CHECK(rows.lines == std::vector<std::size_t>{2, 3});
    CHECK(read("sentence\tlabel\r\na\t1\r\n").examples == std::vector<LabelledExample>{{"a", 1}});
    CHECK(read("\xEF\xBB\xBFlabel\tsentence\n1\ta").examples ==
          std::vector<LabelledExample>{{"a", 1}});
}

TEST_CASE("a header without the columns, or with two for one, is refused") {
    CHECK(error_of("") == "file");
    CHECK(error_of("sentence\tlabel\n") == "file");
    CHECK(error_of("a\t1\nb\t0\n") == "line 1, header");
    CHECK(error_of("sentence\nx\n") == "line 1, header");
    CHECK(error_of("sentence\tLabel\nx\t1\n") == "line 1, header");
    CHECK(error_of("sentence\ttext\tlabel\nx\ty\t1\n") == "line 1, header");
    CHECK(error_of("text\tlabel\tlabel\nx\t1\t1\n") == "line 1, header");
    CHECK(error_of("\n\nsentence,label\nx,1\n") == "line 3, header");
}

TEST_CASE("a malformed row is refused by line and field") {
    const std::string good = "label\ttext\n0\ta\n1\tb\n";
    CHECK(error_of(good) == "no error");
    CHECK(error_of(good + "1\n") == "line 4");
    CHECK(error_of(good + "1\tb\tc\n") == "line 4");
    CHECK(error_of(good + "\tb\n") == "line 4, label");
    CHECK(error_of(good + "b\t1\n") == "line 4, label");
    CHECK(error_of(good + "1\t\n") == "line 4, sentence");
    CHECK(error_of(good + "7\tb\n") == "no error");
    CHECK(error_of(good + "7\tb\n", 7) == "line 4, label");
    CHECK(error_of(good + "1\t\x80\n") == "line 4");
}
