#include "files/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "files/file_error.hpp"

namespace files {
namespace {

/// How often another holder may remove the file between our opening and locking it.
constexpr int most_attempts = 100;

}  // namespace

FileLock::FileLock(std::filesystem::path file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor) {}

FileLock::FileLock(FileLock&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      keeps_others_out_(other.keeps_others_out_),
      remove_file_at_end_(other.remove_file_at_end_) {}

FileLock::~FileLock() {
    if (descriptor_ < 0) return;
    // While it is locked: whoever opened it before finds that it is no longer in its place.
    struct stat locked {};
    if (remove_file_at_end_ && ::fstat(descriptor_, &locked) == 0 && locked.st_size == 0) {
        ::unlink(file_.c_str());
    }
    ::close(descriptor_);
}

std::optional<FileLock> FileLock::try_lock(const std::filesystem::path& file) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0) {
            throw FileError(file, "file", "one that can be opened for writing",
                            std::strerror(errno));
        }
        FileLock lock(file, descriptor);
        if (!lock.acquire()) return std::nullopt;
        if (lock.file_is_in_place()) return lock;
    }
    return std::nullopt;
}

bool FileLock::acquire() {
    // flock and not a record lock of fcntl: closing another descriptor of the file keeps it. On NFS
    // Linux makes a record lock of it, which all machines see.
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno == EWOULDBLOCK) return false;
        if (errno != ENOLCK && errno != ENOSYS && errno != EOPNOTSUPP) {
            throw FileError(file_, "file", "one that can be locked", std::strerror(errno));
        }
        keeps_others_out_ = false;
        break;
    }
    return true;
}

bool FileLock::file_is_in_place() const {
    struct stat locked {};
    struct stat in_place {};
    return ::fstat(descriptor_, &locked) == 0 && ::stat(file_.c_str(), &in_place) == 0 &&
           locked.st_dev == in_place.st_dev && locked.st_ino == in_place.st_ino;
}

}  // namespace files
