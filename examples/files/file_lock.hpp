#pragma once

#include <filesystem>
#include <optional>

namespace files {

/// A lock on a file, which one holder at a time has among all processes, and on a network file
/// system among all machines. The kernel gives it back when the process ends, however it ends; child
/// processes do not get it.
class FileLock {
public:
    /// Makes the file where it is missing and locks it; nothing where another has the lock.
    /// Throws: FileError where the file cannot be opened for writing.
    static std::optional<FileLock> try_lock(const std::filesystem::path& file);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock();

    /// False on a file system that has no locks: then everybody is a holder.
    bool keeps_others_out() const { return keeps_others_out_; }

    /// Whether the file goes away with the lock, where it is empty. By default it stays.
    void remove_file_at_end(bool remove) { remove_file_at_end_ = remove; }

private:
    FileLock(std::filesystem::path file, int descriptor);
    bool acquire();
    bool file_is_in_place() const;

    std::filesystem::path file_;
    int descriptor_;  ///< -1: moved from
    bool keeps_others_out_ = true;
    bool remove_file_at_end_ = false;
};

}  // namespace files
