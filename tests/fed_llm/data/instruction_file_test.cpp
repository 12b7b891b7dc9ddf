#include "fed_llm/data/instruction_file.hpp"

#include <string>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

namespace {

const InstructionFields fields{"question", "about", "answer", "kind"};

}  // namespace

TEST_CASE("a JSONL file holds a row a line, whatever the line ends") {
    const TemporaryFolder folder;
    const auto file = folder.write("rows.jsonl",
                                   "{\"question\":\"q1\",\"about\":\"a\",\"answer\":\"r1\","
                                   "\"kind\":\"k\",\"other\":[1]}\r\n"
                                   "\n  \n"
                                   "{\"answer\":\"\",\"question\":\"\"}");
    const auto rows = read_rows(file, fields);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].instruction == "q1");
    CHECK(rows[0].input == "a");
    CHECK(rows[0].output == "r1");
    CHECK(rows[0].category == "k");
    CHECK(rows[1].instruction.empty());
    CHECK(rows[1].input.empty());
    CHECK(rows[1].category.empty());
}

TEST_CASE("a JSON file holds a list of rows") {
    const TemporaryFolder folder;
    const auto file = folder.write(
        "rows.json", R"([{"instruction": "i", "input": "", "output": "o", "category": "c"}])");
    const auto rows = read_rows(file, {});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].instruction == "i");
    CHECK(rows[0].output == "o");
    CHECK(rows[0].category.empty());  // a field that the layout does not have
}

TEST_CASE("null in an optional field is as good as nothing") {
    const TemporaryFolder folder;
    const auto row = read_rows(
        folder.write("rows.jsonl",
                     "{\"question\":\"q\",\"about\":null,\"answer\":\"a\",\"kind\":null}"),
        fields)[0];
    CHECK(row.instruction == "q");
    CHECK(row.input.empty());
    CHECK(row.category.empty());
    CHECK(read_rows(
              folder.write("rows.json", R"([{"instruction": "i", "input": null, "output": "o"}])"),
              {})[0]
              .input.empty());
}

TEST_CASE("lines and lists may stand in a file of either name, after a byte order mark") {
    const TemporaryFolder folder;
    const std::string row = R"({"instruction": "i", "output": "o"})";
    const auto count = [&](const std::string& text) {
        return read_rows(folder.write("rows", text), {}).size();
    };
    CHECK(count(row) == 1);
    CHECK(count(row + "\r\n" + row + "\r\n") == 2);
    CHECK(count("\xEF\xBB\xBF" + row + "\n" + row) == 2);
    CHECK(count("\xEF\xBB\xBF\n" + row) == 1);
    CHECK(count("[" + row + ", " + row + "]") == 2);
    CHECK(count("\xEF\xBB\xBF \r\n[\n  " + row + ",\n  " + row + "\n]\n") == 2);
}

TEST_CASE("of a field that a row has twice the last counts, as Python's json has it") {
    const TemporaryFolder folder;
    const auto file = folder.write(
        "rows.jsonl", R"({"instruction": "first", "instruction": "last", "output": "o"})");
    CHECK(read_rows(file, {})[0].instruction == "last");
}

TEST_CASE("a malformed line is refused by line and field") {
    const TemporaryFolder folder;
    const std::string good = "{\"question\":\"q\",\"answer\":\"a\"}\n";
    const auto field = [&](const std::string& text) {
        const auto file = folder.write("rows.jsonl", text);
        return error_field([&] { read_rows(file, fields); });
    };
    CHECK(field(good) == "no error");
    CHECK(field(good + "[]") == "line 2");
    CHECK(field(good + "\n7") == "line 3");
    CHECK(field(good + "{\"question\":\"q\"}") == "line 2, answer");
    CHECK(field(good + "{\"question\":1,\"answer\":\"a\"}") == "line 2, question");
    CHECK(field(good + "{\"question\":null,\"answer\":\"a\"}") == "line 2, question");
    CHECK(field(good + "{\"question\":\"q\",\"answer\":null}") == "line 2, answer");
    CHECK(field("{\"question\":\"q\",\"answer\":\"a\",\"about\":7}") == "line 1, about");
    CHECK(field("{\"question\":\"q\",\"answer\":\"a\",\"kind\":{}}") == "line 1, kind");
    CHECK(field(good + "{\"question\":") == "line 2, byte 13");
    CHECK(field(good + std::string(100, '[')) == "line 2, JSON");
    CHECK(field(good + "{\"question\":\"\xff\",\"answer\":\"\"}") == "line 2, byte 14");
    CHECK(field("{\n\"question\":\"q\",\n\"answer\":\"a\"\n}") == "line 1");
    CHECK(field("") == "file");
    CHECK(field("\xEF\xBB\xBF") == "file");
    CHECK(field("\n \n") == "file");
    CHECK(error_field([&] { read_rows(folder.path() / "missing", fields); }) == "file");
}

TEST_CASE("a malformed list is refused by row and field") {
    const TemporaryFolder folder;
    const auto field = [&](const std::string& text) {
        const auto file = folder.write("rows.json", text);
        return error_field([&] { read_rows(file, {}); });
    };
    CHECK(field("[]") == "file");
    CHECK(field("[{\"instruction\":\"\",\"output\":\"\"}, 3]") == "row 2");
    CHECK(field("[{\"instruction\":\"\",\"output\":[]}]") == "row 1, output");
    CHECK(field("[{\"instruction\":\"\",\"output\":\"\",\"input\":2}]") == "row 1, input");
    CHECK(field("[") == "byte 2");
}

TEST_CASE("a data file is found by itself or by its name in a folder") {
    const TemporaryFolder folder;
    const auto file = folder.write("b.json", "");
    CHECK(find_data_file(file, {"a.json"}) == file);
    CHECK(find_data_file(folder.path(), {"a.json", "b.json"}) == file);
    CHECK(error_field([&] { find_data_file(folder.path(), {"a.json"}); }) == "folder");
    CHECK(find_data_file(folder.path() / "missing", {"a.json"}) == folder.path() / "missing");
}
