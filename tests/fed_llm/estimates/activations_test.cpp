#include "fed_llm/estimates/activations.hpp"

#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("steps without gradients compute with all their examples, up to a batch's tokens") {
    federated::AlgorithmOptions options;
    options.algorithm = "fedkseed";
    options.accumulate = 16;
    options.batch_size = 2;
    CHECK(examples_at_once(options, 100) == 32);
    CHECK(examples_at_once(options, 1000) == 4);
    CHECK(examples_at_once(options, 10'000) == 1);
    options.algorithm = "ferret";
    CHECK(examples_at_once(options, 10'000) == 2);
}

TEST_CASE("a backward pass keeps the activations of all layers") {
    federated::AlgorithmOptions options;
    const BatchShape batch{2, 10, 4};
    const double all = activations(options, tiny_config(), batch).bytes;
    options.algorithm = "fedzo";
    const double one = activations(options, tiny_config(), batch).bytes;
    // Logits, their softmax and its gradient: 3 * 2 * 4 * 37 numbers, in both.
    const double head = 4.0 * 3.0 * 2.0 * 4.0 * 37.0;
    CHECK(all - head == 3.0 * (one - head));
}
