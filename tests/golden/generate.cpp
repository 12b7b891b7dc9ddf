#include "golden/golden.hpp"

#include <fstream>
#include <iostream>
#include <string>

namespace {

bool write(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (file.flush()) return true;
    std::cerr << "cannot write " << path << "\n";
    return false;
}

}  // namespace

/// Writes the golden files into the folder given.
int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: ferret_golden_generate FOLDER\n";
        return 2;
    }
    const std::string folder = std::string(arguments[1]) + "/";
    for (const ferret_test::GoldenCase& golden : ferret_test::golden_cases())
        if (!write(folder + golden.file, ferret_test::golden_text(golden))) return 1;
    if (!write(folder + std::string(ferret_test::few_bits_file), ferret_test::few_bits_text()))
        return 1;
    const std::string fingerprints = folder + std::string(ferret_test::fingerprint_file);
    return write(fingerprints, ferret_test::fingerprint_text()) ? 0 : 1;
}
