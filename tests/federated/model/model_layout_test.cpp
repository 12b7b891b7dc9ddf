#include "federated/model/model_layout.hpp"

#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("layouts cover the model's tensors and keep their names") {
    const TrainableModel model = bigram_model();  // a tensor of 256 numbers, one of 16
    for (const Choice<LayoutKind>& choice : layouts) {
        CAPTURE(choice.name);
        const ferret::Layout layout = make_layout(model, choice.value);
        CHECK(layout.element_count() == 16 * 16 + 16);
        CHECK(layout.tensor_label(1) == "tensor 1 (" + model.names[1] + ")");
    }
    const ferret::Layout per_tensor = make_layout(model, LayoutKind::per_tensor);
    REQUIRE(per_tensor.block_count() == 2);
    CHECK(per_tensor.block_size(1) == 16);
}

TEST_CASE("the options name the layout and the number of its blocks") {
    const TrainableModel model = bigram_model();
    AlgorithmOptions options;
    options.layout = "uniform";
    options.blocks = 3;
    CHECK(make_layout(model, options).block_count() == 3);
    options.layout = "per-tensor";
    CHECK(make_layout(model, options).block_count() == 2);
    options.layout = "by-hand";
    CHECK_THROWS_WITH_AS(make_layout(model, options),
                         "layout: expected grouped, per-tensor or uniform, got 'by-hand'",
                         std::invalid_argument);
}

TEST_CASE("the uniform layout has as many blocks as asked, the last one smaller") {
    const TrainableModel model = bigram_model();
    CHECK(make_layout(model, LayoutKind::uniform, 1).block_count() == 1);
    const ferret::Layout three = make_layout(model, LayoutKind::uniform, 3);
    REQUIRE(three.block_count() == 3);
    CHECK(three.block_size(0) == 91);
    CHECK(three.block_size(2) == 90);
    CHECK(make_layout(model, LayoutKind::uniform, 272).block_count() == 272);
    CHECK(make_layout(model, LayoutKind::uniform, 1000).block_count() == 272);
    // 271 blocks need one of two numbers, and blocks have one size.
    CHECK(make_layout(model, LayoutKind::uniform, 271).block_count() == 136);
    CHECK_THROWS_AS(make_layout(model, LayoutKind::uniform, 0), std::invalid_argument);
}
