#include "files/scratch_folder.hpp"

#include <filesystem>
#include <fstream>

#include "support/doctest.hpp"

TEST_CASE("a scratch folder is new, and goes away with all that is in it") {
    std::filesystem::path path;
    {
        const files::ScratchFolder folder;
        const files::ScratchFolder other;
        path = folder.path();
        CHECK(std::filesystem::is_empty(path));
        CHECK(other.path() != path);
        std::ofstream(path / "file") << "text";
    }
    CHECK(!std::filesystem::exists(path));
}
