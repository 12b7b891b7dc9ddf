#include "federated/store/make_once.hpp"

#include <optional>
#include <stdexcept>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/file_lock.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace federated;

namespace {

/// A folder is made once it has a file "made".
FolderRecipe recipe(const std::function<void()>& before = [] {}) {
    return {.what = "made things",
            .is_made =
                [](const std::filesystem::path& folder) {
                    return std::filesystem::exists(folder / "made");
                },
            .make =
                [before](const std::filesystem::path& folder) {
                    create_folder(folder);
                    write_file(folder / "part", "");
                    before();
                    write_file(folder / "made", "");
                }};
}

void never(const Progress&) {
    FAIL("nobody waits");
}

}  // namespace

TEST_CASE("a folder is made once") {
    const TemporaryFolder folder;
    int times = 0;
    const auto count = recipe([&] { ++times; });
    make_once(folder.path() / "deep" / "cache", count, never);
    make_once(folder.path() / "deep" / "cache", count, never);
    CHECK(times == 1);
    CHECK(std::filesystem::exists(folder.path() / "deep" / "cache" / "made"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "deep" / "cache.lock"));
}

TEST_CASE("making that fails leaves nothing behind") {
    const TemporaryFolder folder;
    const auto stop = recipe([] { throw std::runtime_error("stop"); });
    CHECK_THROWS_WITH(make_once(folder.path() / "cache", stop, never), "stop");
    CHECK(std::filesystem::is_empty(folder.path()));
    // An empty folder is as good as none.
    CHECK_THROWS_WITH(make_once(folder.path(), stop, never), "stop");
}

TEST_CASE("what a killed process left is made anew, and nothing else goes") {
    const TemporaryFolder folder;
    folder.write("cache.unfinished.a1B2c3/made/part", "");
    folder.write("cache.lock", "");
    folder.write("cachet.unfinished.a1B2c3/file", "");
    make_once(folder.path() / "cache", recipe(), never);
    CHECK(std::filesystem::exists(folder.path() / "cache" / "made"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "cache.unfinished.a1B2c3"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "cache.lock"));
    CHECK(std::filesystem::exists(folder.path() / "cachet.unfinished.a1B2c3"));
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
        folder.write("cache/made", "");
        other.reset();
    };
    const auto nothing = recipe([] { FAIL("it is made already"); });
    make_once(cache, nothing, finish_other);
    CHECK(waits == 2);
    // Who finds it made waits for nobody.
    const std::optional<FileLock> third = FileLock::try_lock(folder.path() / "cache.lock");
    CHECK_NOTHROW(make_once(cache, nothing, never));
}

TEST_CASE("who waits can be interrupted") {
    const TemporaryFolder folder;
    const std::optional<FileLock> other = FileLock::try_lock(folder.path() / "cache.lock");
    const auto stop = [](const Progress&) { throw std::runtime_error("stop"); };
    CHECK_THROWS_WITH(make_once(folder.path() / "cache", recipe(), stop), "stop");
    CHECK(std::filesystem::exists(folder.path() / "cache.lock"));
}

TEST_CASE("a folder with other files is left alone") {
    const TemporaryFolder folder;
    folder.write("notes.txt", "");
    CHECK_THROWS_AS(make_once(folder.path(), recipe(), never), FileError);
    CHECK(std::filesystem::exists(folder.path() / "notes.txt"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "made"));
}
