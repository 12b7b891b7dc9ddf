#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace kd_lora {

/// Longest file of sentences that is read.
inline constexpr std::uint64_t max_data_bytes = std::uint64_t{1} << 30;

/// A line without its end, and its number in the file.
struct TextLine {
    std::size_t number = 1;
    std::string_view text;
};

/// The lines that are not empty; a line ends at LF or CR LF. They point into `text`, which stands in
/// `file`.
/// Throws: FileError naming the line where it is no well-formed UTF-8.
std::vector<TextLine> text_lines(std::string_view text, const std::filesystem::path& file);

/// What stands between the tabs of a line: one field more than it has tabs.
std::vector<std::string_view> tab_separated(std::string_view line);

}  // namespace kd_lora
