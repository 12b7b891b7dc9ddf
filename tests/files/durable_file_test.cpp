#include "files/durable_file.hpp"

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;

TEST_CASE("files are replaced whole and appended to") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "file";
    replace_durably(file, std::string_view("first"));
    CHECK(read_bytes(file) == "first");
    replace_durably(file, std::string_view("2nd"));
    CHECK(read_bytes(file) == "2nd");
    append_durably(file, "\nthird");
    CHECK(read_bytes(file) == "2nd\nthird");
    append_durably(folder.path() / "new", "line\n");
    CHECK(read_bytes(folder.path() / "new") == "line\n");
}

TEST_CASE("files of a folder are flushed, folders in it are passed over") {
    const TemporaryFolder folder;
    folder.write("file", "x");
    folder.write("below/file", "x");
    CHECK_NOTHROW(flush_files(folder.path()));
    CHECK(error_field([&] { flush_files(folder.path() / "file"); }) == "file");
}

TEST_CASE("what cannot be written is an error and leaves nothing behind") {
    const TemporaryFolder folder;
    const auto nowhere = folder.path() / "missing" / "file";
    CHECK(error_field([&] { replace_durably(nowhere, std::string_view("x")); }) == "file");
    CHECK(error_field([&] { append_durably(nowhere, "x"); }) == "file");
    // A folder that is not empty cannot be replaced by a file.
    folder.write("taken/file", "x");
    CHECK(error_field([&] { replace_durably(folder.path() / "taken", std::string_view("x")); }) ==
          "file");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "taken.unfinished"));
}
