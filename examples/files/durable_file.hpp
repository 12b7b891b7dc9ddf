#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace files {

/// Replaces the file so that after a crash or a power cut it holds either all old or all new bytes:
/// written beside it, flushed to the disk, renamed.
/// Throws: FileError; the file is then as it was.
void replace_durably(const std::filesystem::path& file, std::span<const std::byte> bytes);

/// As above, with text.
void replace_durably(const std::filesystem::path& file, std::string_view text);

/// Flushes the files of the folder to the disk, and that they are in it; not those of folders in it.
/// Throws: FileError.
void flush_files(const std::filesystem::path& folder);

/// Appends the text and flushes it to the disk. Throws: FileError.
void append_durably(const std::filesystem::path& file, std::string_view text);

}  // namespace files
