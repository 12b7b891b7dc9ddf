#include "golden/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

void check_file(const std::string& name, const std::string& actual_text) {
    CAPTURE(name);
    std::ifstream file(std::string(FERRET_GOLDEN_DIR) + "/" + name, std::ios::binary);
    REQUIRE(file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::vector<std::string> expected = lines_of(text);
    const std::vector<std::string> actual = lines_of(actual_text);
    REQUIRE(actual.size() == expected.size());
    for (std::size_t line = 0; line < expected.size(); ++line) {
        CAPTURE(line + 1);
        CHECK(actual[line] == expected[line]);
    }
}

}  // namespace

TEST_CASE("the library gives the golden values, bit for bit") {
    for (const ferret_test::GoldenCase& golden : ferret_test::golden_cases())
        check_file(golden.file, ferret_test::golden_text(golden));
    check_file(std::string(ferret_test::fingerprint_file), ferret_test::fingerprint_text());
    check_file(std::string(ferret_test::few_bits_file), ferret_test::few_bits_text());
}

TEST_CASE("the golden messages are read back") {
    for (const ferret_test::GoldenCase& golden : ferret_test::golden_cases()) {
        std::ifstream file(std::string(FERRET_GOLDEN_DIR) + "/" + golden.file, std::ios::binary);
        for (std::string line; std::getline(file, line);) {
            const std::string key = line.substr(0, line.find(' '));
            if (!key.starts_with("message_")) continue;
            const std::string digits = line.substr(line.rfind(' ') + 1);
            std::vector<std::byte> message;
            for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
                message.push_back(
                    static_cast<std::byte>(std::stoul(digits.substr(i, 2), nullptr, 16)));
            const ferret::Sketch sketch = ferret::decode(message);
            CHECK(sketch.seed == ferret::Seed{42, 7});
            CHECK(ferret::basis_name(sketch.basis) == golden.basis);
            CHECK(sketch.bases_per_block == golden.bases_per_block);
            const auto named = std::find_if(
                ferret::coordinate_format_names.begin(), ferret::coordinate_format_names.end(),
                [&](const auto& entry) { return key == "message_" + std::string(entry.first); });
            REQUIRE(named != ferret::coordinate_format_names.end());
            CHECK(ferret::decode(message, named->second) == sketch);
            // Coordinates that were rounded to few bits would be rounded once more.
            if (!ferret::is_rotated(named->second))
                CHECK(ferret::encode(sketch, named->second) == message);
        }
    }
}
