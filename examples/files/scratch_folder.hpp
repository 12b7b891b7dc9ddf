#pragma once

#include <filesystem>

namespace files {

/// A new folder, with the system's other temporary ones, that goes away with the object.
class ScratchFolder {
public:
    /// Throws: FileError where none can be made
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace files
