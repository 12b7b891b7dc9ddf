#include "files/git_lfs_pointer.hpp"

#include <fstream>
#include <string>

#include "files/file_error.hpp"

namespace files {
namespace {

// Without the version: later ones will be pointers, too.
constexpr std::string_view opening = "version https://git-lfs.github.com/spec/";

}  // namespace

void expect_no_git_lfs_pointer(const std::filesystem::path& file, std::string_view bytes) {
    if (!bytes.starts_with(opening)) return;
    throw FileError(file, "file", "its content",
                    "a Git LFS pointer; fetch the content with `git lfs pull`");
}

void expect_no_git_lfs_pointer(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(opening.size(), '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    expect_no_git_lfs_pointer(file, bytes);
}

}  // namespace files
