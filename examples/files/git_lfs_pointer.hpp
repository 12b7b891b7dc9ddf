#pragma once

#include <filesystem>
#include <string_view>

namespace files {

/// Throws: FileError where the file is a Git LFS pointer, the few lines that a clone without Git LFS
/// leaves in the place of a large file. A file that cannot be read is none.
/// Source: the specification of Git LFS, docs/spec.md.
void expect_no_git_lfs_pointer(const std::filesystem::path& file);

/// The same for a file that begins with `bytes`.
void expect_no_git_lfs_pointer(const std::filesystem::path& file, std::string_view bytes);

}  // namespace files
