#include "files/file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

#include "files/file_error.hpp"
#include "files/git_lfs_pointer.hpp"

namespace files {
namespace {

constexpr int max_json_depth = 64;
constexpr std::size_t max_described_length = 80;

template <typename Json>
Json parse(const std::string& text, const std::filesystem::path& file, const std::string& where) {
    const std::string prefix = where.empty() ? where : where + ", ";
    const auto limit_depth = [&](int depth, typename Json::parse_event_t, Json&) {
        if (depth > max_json_depth) {
            throw FileError(file, prefix + "JSON",
                            "at most " + std::to_string(max_json_depth) + " levels", "more");
        }
        return true;
    };
    try {
        return Json::parse(text, limit_depth);
    } catch (const typename Json::parse_error& error) {
        throw FileError(file, prefix + "byte " + std::to_string(error.byte), "JSON", error.what());
    } catch (const typename Json::exception& error) {
        // A number that no double holds.
        throw FileError(file, prefix + "JSON", "JSON", error.what());
    }
}

/// What stands where a regular file is expected.
std::string describe_place(const std::filesystem::path& file) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found) return "none";
    if (status.type() == std::filesystem::file_type::none) return error.message();
    return status.type() == std::filesystem::file_type::directory ? "a folder" : "a device or pipe";
}

/// The reason of a stream's failure, as the system gave it since errno was 0.
std::string reason(const char* otherwise) {
    return errno != 0 ? std::strerror(errno) : otherwise;
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        throw FileError(file, "file", "a readable file", describe_place(file));
    }
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) throw FileError(file, "file", "a readable file", error.message());
    if (size > max_bytes) {
        throw FileError(file, "size", "at most " + std::to_string(max_bytes) + " bytes",
                        std::to_string(size));
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (!stream || !stream.read(bytes.data(), static_cast<std::streamsize>(size))) {
        throw FileError(file, "file", std::to_string(size) + " readable bytes",
                        reason("a read error"));
    }
    expect_no_git_lfs_pointer(file, bytes);
    return bytes;
}

std::string read_text(const std::filesystem::path& file, std::uint64_t max_bytes) {
    return without_byte_order_mark(read_file(file, max_bytes), file);
}

std::string without_byte_order_mark(std::string text, const std::filesystem::path& file) {
    constexpr std::string_view utf8 = "\xEF\xBB\xBF";
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        throw FileError(file, "file", "text in UTF-8", "the byte order mark of UTF-16");
    }
    if (text.starts_with(utf8)) text.erase(0, utf8.size());
    return text;
}

void replace_file(const std::filesystem::path& file,
                  const std::function<void(std::ostream&)>& write) {
    std::filesystem::path unfinished = file;
    unfinished += ".unfinished";
    std::error_code error;
    try {
        errno = 0;
        std::ofstream stream(unfinished, std::ios::binary | std::ios::trunc);
        if (!stream) throw FileError(file, "file", "a writable place", reason("none"));
        write(stream);
        stream.close();
        if (!stream) throw FileError(file, "file", "a complete write", reason("a write error"));
        std::filesystem::rename(unfinished, file, error);
        if (error) throw FileError(file, "file", "a writable place", error.message());
    } catch (...) {
        std::filesystem::remove(unfinished, error);
        throw;
    }
}

void write_file(const std::filesystem::path& file, const std::string& bytes) {
    replace_file(file, [&](std::ostream& stream) {
        stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    });
}

void create_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw FileError(folder, "folder", "a writable folder", error.message());
}

nlohmann::ordered_json parse_json(const std::string& text, const std::filesystem::path& file,
                                  const std::string& where) {
    return parse<nlohmann::ordered_json>(text, file, where);
}

nlohmann::json parse_sorted_json(const std::string& text, const std::filesystem::path& file,
                                 const std::string& where) {
    return parse<nlohmann::json>(text, file, where);
}

nlohmann::ordered_json read_json(const std::filesystem::path& file, std::uint64_t max_bytes) {
    return parse_json(read_text(file, max_bytes), file);
}

std::string describe(const nlohmann::ordered_json& value) {
    if (value.is_discarded()) return "nothing";
    if (value.is_object()) return "an object";
    if (value.is_array()) return "a list of " + std::to_string(value.size());
    std::string text = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    if (text.size() > max_described_length) text = text.substr(0, max_described_length) + "...";
    return text;
}

}  // namespace files
