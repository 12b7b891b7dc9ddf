#include "cuda/support/device.hpp"
#include "golden/golden.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

/// The folder of the golden files: where they were when this was compiled, or where the environment
/// says that they are now, for a program that has been carried to another machine.
std::string golden_folder() {
    const char* folder = std::getenv("FERRET_GOLDEN_DIR");
    return folder != nullptr ? folder : FERRET_GOLDEN_DIR;
}

struct OnDevice {
    thrust::device_vector<float> place(const std::vector<float>& tensor) const {
        return ferret_test::on_device(tensor);
    }
    std::vector<float> fetch(const thrust::device_vector<float>& tensor) const {
        return ferret_test::on_host(tensor);
    }
};

}  // namespace

TEST_CASE("the device gives the golden values, bit for bit") {
    for (const ferret_test::GoldenCase& golden : ferret_test::golden_cases()) {
        CAPTURE(golden.file);
        std::ifstream file(golden_folder() + "/" + golden.file, std::ios::binary);
        REQUIRE(file);
        const std::string expected{std::istreambuf_iterator<char>(file), {}};
        CHECK(ferret_test::golden_text(golden, ferret::Cuda{}, OnDevice{}) == expected);
    }
}
