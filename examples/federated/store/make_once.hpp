#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "federated/round/progress.hpp"

namespace federated {

/// A folder that is made once and then only read.
struct FolderRecipe {
    std::string what;  ///< for errors: "an embedded default"
    /// Whether the folder is one that `make` has finished.
    std::function<bool(const std::filesystem::path& folder)> is_made;
    /// Fills the folder, which it makes itself.
    std::function<void(const std::filesystem::path& folder)> make;
};

/// Makes `folder` unless it is made. Of several processes that want it at once, one makes it and the
/// others wait, which `observe` is told; what a killed one left is made anew. (Where the file system has
/// no locks, each makes its own copy, and the first to be ready counts.)
///
/// Throws: FileError, also for a folder with other files; what `make` and `observe` throw, and the folder
/// then holds nothing.
void make_once(const std::filesystem::path& folder, const FolderRecipe& recipe,
               const ProgressObserver& observe);

}  // namespace federated
