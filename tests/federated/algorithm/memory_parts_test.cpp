#include "federated/algorithm/memory_parts.hpp"

#include <stdexcept>

#include "federated/options/algorithm_choices.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// 30 numbers that are nowhere.
Weights shapes() {
    const auto nowhere = torch::TensorOptions().device(torch::kMeta);
    return {torch::empty({4, 5}, nowhere), torch::empty({10}, nowhere)};
}

}  // namespace

TEST_CASE("numbers take four bytes each, on the meta device too") {
    const MemoryPart part = numbers_in_memory("some", shapes());
    CHECK(part.what == "some");
    CHECK(part.bytes == 120.0);
    CHECK(numbers_in_memory("none", {}).bytes == 0.0);
}

TEST_CASE("first-order steps hold weights, gradients and the optimiser's moments") {
    AlgorithmOptions options;
    for (const Choice<OptimizerKind>& optimizer : optimizers) {
        CAPTURE(optimizer.name);
        options.optimizer = optimizer.name;
        const std::vector<MemoryPart> parts = first_order_memory(options, shapes());
        REQUIRE(parts.size() == 3);
        CHECK(parts[0].bytes == 120.0);
        CHECK(parts[1].bytes == 120.0);
        CHECK(parts[2].bytes == (optimizer.value == OptimizerKind::sgd ? 0.0 : 240.0));
    }
    options.optimizer = "lion";
    CHECK_THROWS_AS(first_order_memory(options, shapes()), std::invalid_argument);
}

TEST_CASE("zeroth-order steps hold the round's weights alone") {
    const std::vector<MemoryPart> parts = zeroth_order_memory(shapes());
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].what == first_order_memory({}, shapes())[0].what);
    CHECK(parts[0].bytes == 120.0);
}
