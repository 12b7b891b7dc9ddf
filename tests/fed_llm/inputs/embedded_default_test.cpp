#include "fed_llm/inputs/embedded_default.hpp"

#include <optional>
#include <stdexcept>

#include "files/file_error.hpp"
#include "files/file_lock.hpp"
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
    // An empty folder is as good as none.
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path(), stop), "stop");
}

TEST_CASE("what a killed process left is made anew, and nothing else goes") {
    const TemporaryFolder folder;
    folder.write("cache.unfinished.a1B2c3/made/model/config.json", "{}");
    folder.write("cache.lock", "");
    folder.write("cachet.unfinished.a1B2c3/file", "");
    const auto stop = [](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::warm_up);
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "cache", stop), "stop");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "cache.unfinished.a1B2c3"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "cache.lock"));
    CHECK(std::filesystem::exists(folder.path() / "cachet.unfinished.a1B2c3"));
    CHECK_FALSE(has_embedded_default(folder.path() / "cache"));
}

TEST_CASE("of two processes one makes the folder, and the other waits for it") {
    const TemporaryFolder folder;
    const auto cache = folder.path() / "cache";
    std::optional<FileLock> other = FileLock::try_lock(folder.path() / "cache.lock");
    REQUIRE(other);
    const auto unfinished = folder.write("cache.unfinished.a1B2c3/file", "");
    int waits = 0;
    const auto finish_other = [&](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::waiting);
        CHECK(std::filesystem::exists(unfinished));
        if (++waits < 2) return;
        folder.write("cache/model/config.json", "{}");
        other.reset();
    };
    CHECK(prepare_embedded_default(cache, finish_other).model == cache / "model");
    CHECK(waits == 2);
    // Who finds it made waits for nobody.
    const std::optional<FileLock> third = FileLock::try_lock(folder.path() / "cache.lock");
    CHECK(prepare_embedded_default(cache, {}).data == cache / "data");
}

TEST_CASE("who waits can be interrupted") {
    const TemporaryFolder folder;
    const std::optional<FileLock> other = FileLock::try_lock(folder.path() / "cache.lock");
    const auto stop = [](const Progress&) { throw std::runtime_error("stop"); };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "cache", stop), "stop");
    CHECK(std::filesystem::exists(folder.path() / "cache.lock"));
}

TEST_CASE("a folder with other files is left alone") {
    const TemporaryFolder folder;
    folder.write("notes.txt", "");
    CHECK_FALSE(has_embedded_default(folder.path()));
    CHECK_THROWS_AS(prepare_embedded_default(folder.path(), [](const Progress&) {}), FileError);
    CHECK(std::filesystem::exists(folder.path() / "notes.txt"));
}
