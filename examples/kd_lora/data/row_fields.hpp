#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace kd_lora {

/// Reads the fields of one line and says where a wrong one stands. `labels` is the number of classes, or
/// 0 where the file itself tells.
class RowFields {
public:
    /// Keeps a reference to the path.
    RowFields(const std::filesystem::path& file, std::size_t line, std::int64_t labels)
        : file_(file), line_(line), labels_(labels) {}

    /// Throws: FileError where the text is empty or blank.
    std::string sentence(std::string_view text) const;

    /// A class in decimal digits. Throws: FileError for anything else, and for a class there is not.
    std::int64_t label(std::string_view text) const;

    /// Throws: FileError for a class there is not. `said` is what the file has.
    std::int64_t label(std::int64_t label, std::string_view said) const;

    /// Throws: FileError naming the line and, where it is not empty, the field.
    [[noreturn]] void refuse(std::string_view field, std::string_view expected,
                             std::string_view got) const;

    /// What label() expects, in words.
    std::string expected_label() const;

private:
    const std::filesystem::path& file_;
    std::size_t line_;
    std::int64_t labels_;
};

/// The text in quotation marks, cut off where it is long; "nothing" where it is empty.
std::string in_quotes(std::string_view text);

}  // namespace kd_lora
