#include "files/scratch_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "files/file_error.hpp"

namespace files {

ScratchFolder::ScratchFolder() {
    std::string name = std::filesystem::temp_directory_path() / "ferret_XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        throw FileError(name, "folder", "a writable place", std::strerror(errno));
    }
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace files
