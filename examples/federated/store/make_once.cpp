#include "federated/store/make_once.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/file_lock.hpp"

namespace federated {
namespace {

constexpr const char* unfinished_suffix = ".unfinished.";

/// The path of what lies beside the folder under its name and `suffix`.
std::filesystem::path beside(const std::filesystem::path& folder, const std::string& suffix) {
    std::filesystem::path path = folder;
    path += suffix;
    return path;
}

files::FileLock wait_for_lock(const std::filesystem::path& file, const ProgressObserver& observe) {
    constexpr std::chrono::milliseconds between_tries{100};
    for (;;) {
        if (auto lock = files::FileLock::try_lock(file)) return std::move(*lock);
        observe({.phase = Progress::Phase::waiting});
        std::this_thread::sleep_for(between_tries);
    }
}

/// Removes what killed processes have left of `folder`. The caller holds its lock.
void remove_unfinished(const std::filesystem::path& folder) {
    const std::string start = beside(folder.filename(), unfinished_suffix).string();
    std::vector<std::filesystem::path> left;
    const auto parent = folder.has_parent_path() ? folder.parent_path() : ".";
    for (const auto& entry : std::filesystem::directory_iterator(parent)) {
        if (entry.path().filename().string().starts_with(start)) left.push_back(entry.path());
    }
    std::error_code ignored;
    for (const auto& path : left) std::filesystem::remove_all(path, ignored);
}

/// Makes a folder of another name, which no other process has, and renames it.
void make_in_place(const std::filesystem::path& folder, const FolderRecipe& recipe) {
    std::string unfinished = beside(folder, unfinished_suffix).string() + "XXXXXX";
    if (::mkdtemp(unfinished.data()) == nullptr) {
        throw files::FileError(folder, "folder", "a writable place", std::strerror(errno));
    }
    std::error_code error;
    std::error_code ignored;
    try {
        // Inside, because mkdtemp's folder is for its owner alone.
        const std::filesystem::path made = std::filesystem::path(unfinished) / "made";
        recipe.make(made);
        std::filesystem::rename(made, folder, error);
    } catch (...) {
        std::filesystem::remove_all(unfinished, ignored);
        throw;
    }
    std::filesystem::remove_all(unfinished, ignored);
    if (error && !recipe.is_made(folder)) {  // nor was another process faster
        throw files::FileError(folder, "folder", "a writable place", error.message());
    }
}

}  // namespace

void make_once(const std::filesystem::path& folder, const FolderRecipe& recipe,
               const ProgressObserver& observe) {
    if (recipe.is_made(folder)) return;
    if (folder.has_parent_path()) files::create_folder(folder.parent_path());
    files::FileLock lock = wait_for_lock(beside(folder, ".lock"), observe);
    lock.remove_file_at_end(true);
    if (recipe.is_made(folder)) return;  // while this process waited
    if (std::filesystem::exists(folder) && !std::filesystem::is_empty(folder)) {
        throw files::FileError(folder, "folder", recipe.what + " or nothing", "other files");
    }
    if (lock.keeps_others_out()) remove_unfinished(folder);
    make_in_place(folder, recipe);
}

}  // namespace federated
