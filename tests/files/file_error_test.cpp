#include "files/file_error.hpp"

#include <string>

#include "support/doctest.hpp"

using namespace files;

TEST_CASE("a FileError says where, what was expected and what came") {
    const FileError error("folder/config.json", "hidden_size", "an integer", "\"x\"");
    CHECK(std::string(error.what()) ==
          "folder/config.json: hidden_size: expected an integer, got \"x\"");
    CHECK(error.file() == "folder/config.json");
    CHECK(error.field() == "hidden_size");
}
