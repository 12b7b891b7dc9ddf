#include "files/file.hpp"

#include <stdexcept>
#include <string>

#include "files/file_error.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;

TEST_CASE("read_file and write_file keep every byte") {
    const TemporaryFolder folder;
    const std::string bytes("a\0b\r\n\xFF", 6);
    write_file(folder.path() / "file", bytes);
    CHECK(read_file(folder.path() / "file", 6) == bytes);
    CHECK(error_field([&] { read_file(folder.path() / "file", 5); }) == "size");
    CHECK(error_field([&] { read_file(folder.path() / "none", 5); }) == "file");
    CHECK(error_field([&] { read_file(folder.path(), 5); }) == "file");
    CHECK_THROWS_WITH(read_file(folder.path() / "none", 5),
                      doctest::Contains("expected a readable file, got none"));
    CHECK_THROWS_WITH(read_file(folder.path(), 5),
                      doctest::Contains("expected a readable file, got a folder"));
    CHECK_THROWS_WITH(read_file("/dev/null", 5),
                      doctest::Contains("expected a readable file, got a device or pipe"));
}

TEST_CASE("a byte order mark is no part of a text") {
    const TemporaryFolder folder;
    CHECK(read_text(folder.write("file", "\xEF\xBB\xBFtext\n"), 100) == "text\n");
    CHECK(read_text(folder.write("file", "text\xEF\xBB\xBF"), 100) == "text\xEF\xBB\xBF");
    CHECK(read_text(folder.write("file", "\xEF\xBB"), 100) == "\xEF\xBB");
    CHECK(read_text(folder.write("file", ""), 100).empty());
    CHECK(read_json(folder.write("file", "\xEF\xBB\xBF{}"), 100).empty());
    for (const std::string_view utf16 :
         {std::string_view("\xFF\xFE{\0", 4), std::string_view("\xFE\xFF\0{", 4)}) {
        const auto file = folder.write("file", utf16);
        CHECK_THROWS_WITH_AS(
            read_json(file, 100),
            (file.string() + ": file: expected text in UTF-8, got the byte order mark of UTF-16")
                .c_str(),
            FileError);
    }
}

TEST_CASE("replace_file leaves what was there when the writer fails") {
    const TemporaryFolder folder;
    const auto file = folder.write("file", "before");
    const auto fail = [](std::ostream& stream) {
        stream << "half";
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_AS(replace_file(file, fail), std::runtime_error);
    CHECK(read_bytes(file) == "before");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
    CHECK(error_field([&] { write_file(folder.path() / "none" / "file", "x"); }) == "file");
    CHECK_THROWS_WITH(write_file(folder.path() / "none" / "file", "x"),
                      doctest::Contains("got No such file or directory"));
    CHECK(error_field([&] { create_folder(file / "below"); }) == "folder");
}

TEST_CASE("parse_json keeps the order of fields and refuses what is no JSON") {
    CHECK(parse_json(R"({"b": 1, "a": [2]})", "f").dump() == R"({"b":1,"a":[2]})");
    for (const char* text : {"", "{", "[1,]", "{\"a\": nul}", "\xFF", "\"\xC3\"", "[1e999]"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_json(text, "f"), FileError);
    }
}

TEST_CASE("parse_sorted_json sorts fields and refuses the same") {
    CHECK(parse_sorted_json(R"({"b": 1, "a": [2]})", "f").dump() == R"({"a":[2],"b":1})");
    CHECK_THROWS_AS(parse_sorted_json("{", "f"), FileError);
    CHECK_THROWS_AS(parse_sorted_json(std::string(70, '[') + std::string(70, ']'), "f"), FileError);
}

TEST_CASE("parse_json refuses nesting that would overflow the stack of later recursion") {
    CHECK_NOTHROW(parse_json(std::string(60, '[') + std::string(60, ']'), "f"));
    CHECK_THROWS_AS(parse_json(std::string(70, '[') + std::string(70, ']'), "f"), FileError);
    CHECK_THROWS_AS(parse_json(std::string(2'000'000, '['), "f"), FileError);
}

TEST_CASE("describe is short") {
    CHECK(describe({{"a", 1}}) == "an object");
    CHECK(describe(nlohmann::ordered_json::array({1, 2})) == "a list of 2");
    CHECK(describe("x") == "\"x\"");
    CHECK(describe(nullptr) == "null");
    CHECK(describe(std::string(1000, 'x')).size() < 100);
}
