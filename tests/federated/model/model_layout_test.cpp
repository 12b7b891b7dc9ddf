#include "federated/model/model_layout.hpp"

#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("layouts cover the model's tensors and keep their names") {
    const TrainableModel model = bigram_model();  // a tensor of 256 numbers, one of 16
    for (const char* name : {"grouped", "per-tensor", "uniform"}) {
        CAPTURE(name);
        const ferret::Layout layout = make_layout(model, name, 1);
        CHECK(layout.element_count() == 16 * 16 + 16);
        CHECK(layout.tensor_label(1) == "tensor 1 (" + model.names[1] + ")");
    }
    const ferret::Layout per_tensor = make_layout(model, "per-tensor", 1);
    REQUIRE(per_tensor.block_count() == 2);
    CHECK(per_tensor.block_size(1) == 16);
    CHECK_THROWS_AS(make_layout(model, "by-hand", 1), std::invalid_argument);
}

TEST_CASE("the uniform layout has as many blocks as asked, the last one smaller") {
    const TrainableModel model = bigram_model();
    CHECK(make_layout(model, "uniform", 1).block_count() == 1);
    const ferret::Layout three = make_layout(model, "uniform", 3);
    REQUIRE(three.block_count() == 3);
    CHECK(three.block_size(0) == 91);
    CHECK(three.block_size(2) == 90);
    CHECK(make_layout(model, "uniform", 272).block_count() == 272);
    CHECK(make_layout(model, "uniform", 1000).block_count() == 272);
    // 271 blocks need one of two numbers, and blocks have one size.
    CHECK(make_layout(model, "uniform", 271).block_count() == 136);
    CHECK_THROWS_AS(make_layout(model, "uniform", 0), std::invalid_argument);
}
