#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "federated/store/run_folder.hpp"
#include "files/file_lock.hpp"

namespace federated {

/// A run folder that no other run gets as long as the object lives: its lock is held.
///
/// Until keep() is called the run has not begun, and the end of the object takes away what it made.
class FolderClaim {
public:
    /// Makes the folder, and those above it, where they are missing.
    /// Throws: std::runtime_error where another run has the folder, even if it still reads its data;
    /// FileError where the folder cannot be made or written into. Nothing is changed then.
    explicit FolderClaim(const RunFolder& folder);
    ~FolderClaim();
    FolderClaim(const FolderClaim&) = delete;
    FolderClaim& operator=(const FolderClaim&) = delete;

    /// False where the file system has no locks, and nothing keeps other runs out.
    bool keeps_others_out() const { return lock_->keeps_others_out(); }

    /// To be called before `path` in the folder is made. What is there already stays.
    void will_make(const std::filesystem::path& path);

    /// The run has begun: all stays.
    void keep();

private:
    void remove_made();

    std::optional<files::FileLock> lock_;
    std::vector<std::filesystem::path> made_folders_;  ///< innermost first
    std::vector<std::filesystem::path> made_inside_;
};

}  // namespace federated
