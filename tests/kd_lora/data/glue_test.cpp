#include "kd_lora/data/glue.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

std::string cola_error(std::string_view text) {
    const TemporaryFolder folder;
    const auto file = folder.write("train.tsv", text);
    return error_field([&] { read_cola(file, 2); });
}

std::string sst2_error(std::string_view text) {
    const TemporaryFolder folder;
    const auto file = folder.write("train.tsv", text);
    return error_field([&] { read_sst2(file, 2); });
}

}  // namespace

TEST_CASE("CoLA has source, label, mark and sentence, without a header") {
    const TemporaryFolder folder;
    const auto rows = read_cola(folder.write("train.tsv",
                                             "gj04\t1\t\tThe sailors rode.\r\n"
                                             "\r\n"
                                             "bc01\t0\t*?\tHim \"likes\" it.\r\n"
                                             "x\t0\t \t\"Odd\n"),
                                2);
    CHECK(rows.examples == std::vector<LabelledExample>{
                               {"The sailors rode.", 1}, {"Him \"likes\" it.", 0}, {"\"Odd", 0}});
    CHECK(rows.lines == std::vector<std::size_t>{1, 3, 4});
}

TEST_CASE("a malformed row of CoLA is refused by line and field") {
    const std::string good = "gj04\t1\t\tA sentence.\n";
    CHECK(cola_error(good) == "no error");
    CHECK(cola_error("\xEF\xBB\xBF" + good) == "no error");
    CHECK(cola_error("") == "file");
    CHECK(cola_error("\n\n") == "file");
    CHECK(cola_error(good + "gj04\t1\tA sentence.\n") == "line 2");
    CHECK(cola_error(good + "gj04\t1\t\tA\tsentence.\n") == "line 2");
    CHECK(cola_error(good + "A sentence.\n") == "line 2");
    CHECK(cola_error(good + good + "gj04\t\t\tA sentence.\n") == "line 3, label");
    CHECK(cola_error(good + "gj04\t2\t\tA sentence.\n") == "line 2, label");
    CHECK(cola_error(good + "gj04\t-1\t\tA sentence.\n") == "line 2, label");
    CHECK(cola_error("source\tlabel\tmark\tsentence\n" + good) == "line 1, label");
    CHECK(cola_error(good + "\ngj04\t1\t\t\n") == "line 3, sentence");
    CHECK(cola_error(good + "gj04\t1\t\t \r\n") == "line 2, sentence");
    CHECK(cola_error(good + "gj04\t1\t\tna\xEFve\n") == "line 2");
    CHECK(cola_error("\xFF\xFEg\0j\0") == "file");
    CHECK(cola_error("index\tsentence\n0\tBill whistled past the house.\n") == "line 1");
}

TEST_CASE("SST-2 has sentence and label under a header") {
    const TemporaryFolder folder;
    const auto rows = read_sst2(folder.write("train.tsv",
                                             "sentence\tlabel\r\n"
                                             "hide new secretions \t0\r\n"
                                             "`` the \"best\" '' \t1"),
                                2);
    CHECK(rows.examples ==
          std::vector<LabelledExample>{{"hide new secretions ", 0}, {"`` the \"best\" '' ", 1}});
    CHECK(rows.lines == std::vector<std::size_t>{2, 3});
}

TEST_CASE("a malformed row of SST-2 is refused by line and field") {
    const std::string header = "sentence\tlabel\n";
    const std::string good = header + "fine \t1\n";
    CHECK(sst2_error(good) == "no error");
    CHECK(sst2_error("\n" + good) == "no error");
    CHECK(sst2_error("") == "file");
    CHECK(sst2_error(header) == "file");
    CHECK(sst2_error("fine \t1\n") == "line 1");
    CHECK(sst2_error("index\tsentence\n0\tfine\n") == "line 1");
    CHECK(sst2_error("label\tsentence\n1\tfine\n") == "line 1");
    CHECK(sst2_error(good + "fine \n") == "line 3");
    CHECK(sst2_error(good + "fine \t1\t\n") == "line 3");
    CHECK(sst2_error(good + "\"over two\nlines\"\t1\n") == "line 3");
    CHECK(sst2_error(good + "fine \t\n") == "line 3, label");
    CHECK(sst2_error(good + "fine \t0.5\n") == "line 3, label");
    CHECK(sst2_error(good + "1\tfine\n") == "line 3, label");
    CHECK(sst2_error(good + "\t1\n") == "line 3, sentence");
    CHECK(sst2_error(good + "\xFF\t1\n") == "line 3");
}

TEST_CASE("what is expected of fields says that quotation marks are text") {
    const TemporaryFolder folder;
    const auto file = folder.write("train.tsv", "sentence\tlabel\n\"over two\nlines\"\t1\n");
    try {
        read_sst2(file, 2);
        FAIL("expected an error");
    } catch (const files::FileError& error) {
        const std::string text = error.what();
        CHECK(text.find(file.string()) != std::string::npos);
        CHECK(text.find("line 2") != std::string::npos);
        CHECK(text.find("quotation marks are text") != std::string::npos);
        CHECK(text.find("1: '\"over two'") != std::string::npos);
    }
}
