#include "federated/model/weights.hpp"

#include <limits>
#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

Weights pair(float first, float second) {
    return {torch::full({2, 3}, first), torch::full({4}, second)};
}

}  // namespace

TEST_CASE("weights are copied, assigned, added and subtracted") {
    Weights weights = pair(1.0f, 2.0f);
    const Weights copy = clone_weights(weights);
    add_weights(weights, pair(10.0f, 20.0f), 0.5);
    CHECK(same_bits(weights, pair(6.0f, 12.0f)));
    CHECK(same_bits(copy, pair(1.0f, 2.0f)));
    make_delta(pair(10.0f, 10.0f), weights);
    CHECK(same_bits(weights, pair(4.0f, -2.0f)));
    assign_weights(weights, copy);
    CHECK(same_bits(weights, copy));
}

TEST_CASE("weights of another model are refused, and nothing is changed") {
    Weights weights = pair(1.0f, 2.0f);
    const Weights shorter = {torch::ones({2, 3})};
    const Weights reshaped = {torch::ones({2, 3}), torch::ones({5})};
    const Weights retyped = {torch::ones({2, 3}), torch::ones({4}, torch::kFloat64)};
    for (const Weights& other : {shorter, reshaped, retyped}) {
        CHECK_THROWS_AS(assign_weights(weights, other), std::invalid_argument);
        CHECK_THROWS_AS(add_weights(weights, other, 1.0), std::invalid_argument);
        CHECK_THROWS_AS(make_delta(other, weights), std::invalid_argument);
    }
    CHECK(same_bits(weights, pair(1.0f, 2.0f)));
}

TEST_CASE("entries that are not finite are found") {
    Weights weights = pair(1.0f, 2.0f);
    CHECK(all_finite(weights));
    weights[1][3] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(all_finite(weights));
    weights[1][3] = -std::numeric_limits<float>::infinity();
    CHECK_FALSE(all_finite(weights));
}

TEST_CASE("tensors are counted by their numbers") {
    const Weights weights = pair(1.0f, 2.0f);
    CHECK(tensor_sizes(weights) == std::vector<std::size_t>{6, 4});
    CHECK(parameter_count(weights) == 10);
    CHECK(parameter_count({}) == 0);
}
