#include "federated/store/folder_claim.hpp"

#include <stdexcept>
#include <string>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;

TEST_CASE("a folder has one run at a time") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path() / "run");
    {
        const FolderClaim claim(run);
        CHECK(claim.keeps_others_out());
        const std::string message =
            run.path().string() +
            ": another run is using this folder; wait until it ends, or choose another --out";
        CHECK_THROWS_WITH_AS(FolderClaim{run}, message.c_str(), std::runtime_error);
        CHECK(std::filesystem::exists(run.lock()));
    }
    CHECK_NOTHROW(FolderClaim{run});
}

TEST_CASE("a run that has not begun leaves what it found") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path() / "runs" / "deep" / "run");
    {
        FolderClaim claim(RunFolder(run.path() / ""));  // with a slash at its end
        claim.will_make(run.embedded());
        folder.write("runs/deep/run/embedded/file", "");
    }
    CHECK(std::filesystem::is_empty(folder.path()));

    folder.write("runs/deep/run/notes.txt", "");
    folder.write("runs/deep/run/embedded/file", "");
    {
        FolderClaim claim(run);
        claim.will_make(run.embedded());
    }
    CHECK(std::filesystem::exists(run.path() / "notes.txt"));
    CHECK(std::filesystem::exists(run.embedded() / "file"));
    CHECK_FALSE(std::filesystem::exists(run.lock()));

    // What somebody else has put there meanwhile keeps the folder.
    const RunFolder other(folder.path() / "other");
    {
        const FolderClaim claim(other);
        folder.write("other/log.txt", "");
    }
    CHECK(std::filesystem::exists(other.path() / "log.txt"));
}

TEST_CASE("a run that has begun leaves what it made") {
    const TemporaryFolder folder;
    const RunFolder run(folder.path() / "run");
    {
        FolderClaim claim(run);
        claim.will_make(run.embedded());
        folder.write("run/embedded/file", "");
        claim.keep();
    }
    CHECK(std::filesystem::exists(run.embedded() / "file"));
    CHECK(std::filesystem::exists(run.lock()));
    // Nor does a later one that is refused take it away.
    { const FolderClaim refused(run); }
    CHECK(std::filesystem::exists(run.lock()));
}

TEST_CASE("a folder that cannot be made is an error and leaves nothing behind") {
    const TemporaryFolder folder;
    const auto file = folder.write("file", "");
    CHECK(error_field([&] { FolderClaim{RunFolder(file)}; }) == "folder");
    CHECK(error_field([&] { FolderClaim{RunFolder(file / "run")}; }) == "folder");
    // The lock's name is taken by a folder.
    std::filesystem::create_directories(RunFolder(folder.path() / "run").lock());
    CHECK(error_field([&] { FolderClaim{RunFolder(folder.path() / "run")}; }) == "file");
    const std::string too_long(300, 'x');
    CHECK(error_field([&] { FolderClaim{RunFolder(folder.path() / "new" / too_long)}; }) ==
          "folder");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "new"));
}
