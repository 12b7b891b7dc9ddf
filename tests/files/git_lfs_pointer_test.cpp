#include "files/git_lfs_pointer.hpp"

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace files;

TEST_CASE("a Git LFS pointer is told from what it stands for") {
    const TemporaryFolder folder;
    const auto file = folder.write("tokenizer.model",
                                   "version https://git-lfs.github.com/spec/v1\n"
                                   "oid sha256:0123456789abcdef\nsize 1045400\n");
    const std::string message = file.string() +
                                ": file: expected its content, got a Git LFS pointer; fetch the "
                                "content with `git lfs pull`";
    CHECK_THROWS_WITH_AS(expect_no_git_lfs_pointer(file), message.c_str(), FileError);
    CHECK_THROWS_WITH_AS(read_file(file, 1000), message.c_str(), FileError);
    CHECK_THROWS_WITH_AS(read_json(file, 1000), message.c_str(), FileError);
    for (const char* other : {"", "version", "version https://git-lfs.github.com/", "{}"}) {
        CHECK_NOTHROW(expect_no_git_lfs_pointer(folder.write("other", other)));
    }
    CHECK_NOTHROW(expect_no_git_lfs_pointer(folder.path() / "missing"));
}
