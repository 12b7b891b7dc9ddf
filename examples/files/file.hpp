#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace files {

/// The whole file as bytes.
/// Throws: FileError where it is missing, unreadable, longer than `max_bytes` or a Git LFS pointer.
std::string read_file(const std::filesystem::path& file, std::uint64_t max_bytes);

/// read_file and without_byte_order_mark.
std::string read_text(const std::filesystem::path& file, std::uint64_t max_bytes);

/// The text of `file` in UTF-8, without the byte order mark that some editors put before it.
/// Throws: FileError for the mark of UTF-16.
std::string without_byte_order_mark(std::string text, const std::filesystem::path& file);

/// Lets `write` fill a new file beside `file`, then renames it: `file` holds either what it held,
/// or all that was written. Throws: FileError, and what `write` throws.
void replace_file(const std::filesystem::path& file,
                  const std::function<void(std::ostream&)>& write);

/// replace_file with these bytes.
void write_file(const std::filesystem::path& file, const std::string& bytes);

/// Makes the folder and those above it where they are missing.
/// Throws: FileError.
void create_folder(const std::filesystem::path& folder);

/// Parses JSON text that stands in `file`, at `where` in it (all of it where that is empty). Objects
/// keep the order of their fields.
/// Throws: FileError where the text is no JSON, or nested more than 64 levels deep.
nlohmann::ordered_json parse_json(const std::string& text, const std::filesystem::path& file,
                                  const std::string& where = {});

/// The same with the fields of objects sorted by name: finding one takes time by the logarithm of
/// their number, not by the number.
nlohmann::json parse_sorted_json(const std::string& text, const std::filesystem::path& file,
                                 const std::string& where = {});

/// read_text and parse_json.
nlohmann::ordered_json read_json(const std::filesystem::path& file, std::uint64_t max_bytes);

/// The JSON value in a few words for an error message, cut off where it is long.
std::string describe(const nlohmann::ordered_json& value);

}  // namespace files
