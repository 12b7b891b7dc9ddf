#include "fed_llm/inputs/embedded_default.hpp"

#include <stdexcept>

#include "files/file_error.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace federated;
using namespace fed_llm;

TEST_CASE("an interrupted warm-up leaves nothing behind") {
    const TemporaryFolder folder;
    const auto stop = [](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::warm_up);
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "embedded", stop), "stop");
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("what is made is found") {
    const TemporaryFolder folder;
    const auto cache = folder.path() / "cache";
    CHECK_FALSE(has_embedded_default(cache));
    folder.write("cache/model/config.json", "{}");
    CHECK(has_embedded_default(cache));
    CHECK(prepare_embedded_default(cache, {}).model == cache / "model");
    CHECK(prepare_embedded_default(cache, {}).data == cache / "data");
}

TEST_CASE("a folder with other files is left alone") {
    const TemporaryFolder folder;
    folder.write("notes.txt", "");
    CHECK_THROWS_AS(prepare_embedded_default(folder.path(), [](const Progress&) {}), FileError);
    CHECK(std::filesystem::exists(folder.path() / "notes.txt"));
}
