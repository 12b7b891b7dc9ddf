#define DOCTEST_CONFIG_IMPLEMENT
#include "support/doctest.hpp"

#include <cstring>
#include <filesystem>
#include <iostream>

int main(int argc, char** argv) {
    constexpr int skipped = 77;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--test-suite=shared") == 0 &&
            !std::filesystem::is_directory(FERRET_SHARED_DIR)) {
            std::cout << "skipped: there is no folder " << FERRET_SHARED_DIR << '\n';
            return skipped;
        }
    }
    return doctest::Context(argc, argv).run();
}
