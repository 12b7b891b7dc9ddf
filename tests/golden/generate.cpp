#include "golden/golden.hpp"

#include <fstream>
#include <iostream>

/// Writes the golden files into the folder given.
int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: ferret_golden_generate FOLDER\n";
        return 2;
    }
    for (const ferret_test::GoldenCase& golden : ferret_test::golden_cases()) {
        const std::string path = std::string(arguments[1]) + "/" + golden.file;
        std::ofstream file(path, std::ios::binary);
        file << ferret_test::golden_text(golden);
        if (!file.flush()) {
            std::cerr << "cannot write " << path << "\n";
            return 1;
        }
    }
    return 0;
}
