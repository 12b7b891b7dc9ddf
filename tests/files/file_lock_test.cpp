#include "files/file_lock.hpp"

#include <utility>

#include "federated/report/child_process.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace federated;

TEST_CASE("a lock has one holder until it goes") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "lock";
    {
        std::optional<FileLock> lock = FileLock::try_lock(file);
        REQUIRE(lock);
        CHECK(lock->keeps_others_out());
        CHECK_FALSE(FileLock::try_lock(file));
        const FileLock moved = std::move(*lock);
        lock.reset();
        CHECK_FALSE(FileLock::try_lock(file));
        CHECK(FileLock::try_lock(folder.path() / "other"));
    }
    CHECK(std::filesystem::exists(file));
    CHECK(FileLock::try_lock(file));
}

TEST_CASE("a lock's file goes away with it when asked to, if it is empty") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "lock";
    FileLock::try_lock(file)->remove_file_at_end(true);
    CHECK_FALSE(std::filesystem::exists(file));
    folder.write("lock", "somebody's");
    FileLock::try_lock(file)->remove_file_at_end(true);
    CHECK(read_bytes(file) == "somebody's");
}

TEST_CASE("a child process does not get the lock") {
    const TemporaryFolder folder;
    const auto file = folder.path() / "lock";
    std::optional<FileLock> lock = FileLock::try_lock(file);
    const ChildProcess child({"sleep", "600"});
    lock.reset();
    CHECK(FileLock::try_lock(file));
}

TEST_CASE("a lock that cannot be opened is an error") {
    const TemporaryFolder folder;
    CHECK(error_field([&] { FileLock::try_lock(folder.path()); }) == "file");
    CHECK(error_field([&] { FileLock::try_lock(folder.path() / "missing" / "lock"); }) == "file");
}
