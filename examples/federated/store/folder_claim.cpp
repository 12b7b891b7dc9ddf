#include "federated/store/folder_claim.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {
namespace {

/// The folder and those above it, as far as they are not there, innermost first.
std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> missing;
    std::error_code ignored;
    for (std::filesystem::path path = folder.lexically_normal();
         !path.empty() && !std::filesystem::exists(path, ignored); path = path.parent_path()) {
        if (path.has_filename()) missing.push_back(path);  // not "runs/a/"
    }
    return missing;
}

/// Of use only later, but then the user would learn of it after minutes of reading.
void expect_writable(const std::filesystem::path& folder) {
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return;
    throw files::FileError(folder, "folder", "one that can be written into", std::strerror(errno));
}

}  // namespace

FolderClaim::FolderClaim(const RunFolder& folder) : made_folders_(missing_folders(folder.path())) {
    try {
        files::create_folder(folder.path());
        expect_writable(folder.path());
        const bool makes_lock = !std::filesystem::exists(folder.lock());
        auto lock = files::FileLock::try_lock(folder.lock());
        if (!lock) {
            throw std::runtime_error(folder.path().string() +
                                     ": another run is using this folder; wait until it ends, or "
                                     "choose another --out");
        }
        lock->remove_file_at_end(makes_lock);
        lock_.emplace(std::move(*lock));
    } catch (...) {
        remove_made();
        throw;
    }
}

FolderClaim::~FolderClaim() {
    remove_made();
}

void FolderClaim::will_make(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path)) made_inside_.push_back(path);
}

void FolderClaim::keep() {
    lock_->remove_file_at_end(false);
    made_inside_.clear();
    made_folders_.clear();
}

void FolderClaim::remove_made() {
    std::error_code ignored;
    for (const auto& path : made_inside_) std::filesystem::remove_all(path, ignored);
    lock_.reset();  // an open file would stay in its folder on NFS
    for (const auto& path : made_folders_) ::rmdir(path.c_str());  // where nothing is in it
}

}  // namespace federated
