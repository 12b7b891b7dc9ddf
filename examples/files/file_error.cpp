#include "files/file_error.hpp"

namespace files {
namespace {

std::string message(const std::filesystem::path& file, std::string_view field,
                    std::string_view expected, std::string_view got) {
    std::string text = file.string();
    text.append(": ").append(field);
    text.append(": expected ").append(expected);
    text.append(", got ").append(got);
    return text;
}

}  // namespace

FileError::FileError(const std::filesystem::path& file, std::string_view field,
                     std::string_view expected, std::string_view got)
    : std::runtime_error(message(file, field, expected, got)), file_(file), field_(field) {}

}  // namespace files
