#include "files/durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "files/file_error.hpp"

namespace files {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const char* expected) {
    throw FileError(file, "file", expected, std::strerror(errno));
}

/// An open file, closed at the end of its scope.
class Descriptor {
public:
    Descriptor(const std::filesystem::path& file, int flags)
        : file_(file), number_(::open(file.c_str(), flags | O_CLOEXEC, 0644)) {
        if (number_ < 0) fail(file, "a file or folder that can be opened");
    }
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    void write(std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(number_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail(file_, "a complete write");
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    void flush() const {
        if (::fsync(number_) != 0) fail(file_, "a flush to the disk");
    }

private:
    const std::filesystem::path& file_;
    int number_;
};

}  // namespace

void replace_durably(const std::filesystem::path& file, std::span<const std::byte> bytes) {
    std::filesystem::path unfinished = file;
    unfinished += ".unfinished";
    std::error_code error;
    try {
        {
            const Descriptor descriptor(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
            descriptor.write(bytes);
            descriptor.flush();
        }
        std::filesystem::rename(unfinished, file, error);
        if (error) throw FileError(file, "file", "a writable place", error.message());
    } catch (...) {
        std::filesystem::remove(unfinished, error);
        throw;
    }
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    Descriptor(folder, O_RDONLY).flush();
}

void replace_durably(const std::filesystem::path& file, std::string_view text) {
    replace_durably(file, std::as_bytes(std::span(text)));
}

void flush_files(const std::filesystem::path& folder) {
    const Descriptor opened(folder, O_RDONLY | O_DIRECTORY);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file()) Descriptor(entry.path(), O_RDONLY).flush();
    }
    opened.flush();
}

void append_durably(const std::filesystem::path& file, std::string_view text) {
    const Descriptor descriptor(file, O_WRONLY | O_CREAT | O_APPEND);
    descriptor.write(std::as_bytes(std::span(text)));
    descriptor.flush();
}

}  // namespace files
