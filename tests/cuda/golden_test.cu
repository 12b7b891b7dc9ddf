#include "cuda/support/device.hpp"
#include "golden/golden.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace {

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
        std::ifstream file(std::string(FERRET_GOLDEN_DIR) + "/" + golden.file, std::ios::binary);
        REQUIRE(file);
        const std::string expected{std::istreambuf_iterator<char>(file), {}};
        CHECK(ferret_test::golden_text(golden, ferret::Cuda{}, OnDevice{}) == expected);
    }
}
