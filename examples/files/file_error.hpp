#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace files {

/// A file that is missing, malformed or unsupported. The message names the file, the field, what
/// was expected there and what came.
class FileError : public std::runtime_error {
public:
    FileError(const std::filesystem::path& file, std::string_view field, std::string_view expected,
              std::string_view got);

    const std::filesystem::path& file() const noexcept { return file_; }
    const std::string& field() const noexcept { return field_; }

private:
    std::filesystem::path file_;
    std::string field_;
};

}  // namespace files
