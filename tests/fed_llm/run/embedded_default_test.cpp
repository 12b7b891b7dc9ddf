#include "run/embedded_default.hpp"

#include <stdexcept>

#include "file/file_error.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

TEST_CASE("an interrupted warm-up leaves nothing behind") {
    const TemporaryFolder folder;
    const auto stop = [](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::warm_up);
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "embedded", stop), "stop");
    CHECK(std::filesystem::is_empty(folder.path()));
    // An empty folder is as good as none.
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path(), stop), "stop");
}

TEST_CASE("a folder with other files is left alone") {
    const TemporaryFolder folder;
    folder.write("notes.txt", "");
    CHECK_FALSE(has_embedded_default(folder.path()));
    CHECK_THROWS_AS(prepare_embedded_default(folder.path(), [](const Progress&) {}), FileError);
}
