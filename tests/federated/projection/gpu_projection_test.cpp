#include "federated/projection/gpu_projection.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("where there is no GPU, asking for one says so") {
    if (torch::cuda::is_available()) {
        CHECK_NOTHROW(expect_gpu());
    } else {
        CHECK_THROWS_AS(expect_gpu(), std::runtime_error);
    }
}
