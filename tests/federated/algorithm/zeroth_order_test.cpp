#include "federated/algorithm/zeroth_order.hpp"

#include <cmath>
#include <limits>

#include "federated/model/weights.hpp"
#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a walk along a direction and back ends where it began, up to rounding") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    const RandomDirections directions(model);
    directions.walk({3, 0}, 5, 0.5);
    CHECK_FALSE(same_bits(model.parameters, start));
    directions.walk({3, 0}, 5, -0.5);
    for (std::size_t i = 0; i < start.size(); ++i) {
        // Two roundings of entries below 4.
        CHECK(torch::allclose(model.parameters[i], start[i], 0.0, 1e-6));
    }
}

TEST_CASE("a direction is a standard normal one over all tensors, and no two are alike") {
    TrainableModel model = bigram_model();
    for (auto& tensor : model.parameters) tensor.detach().zero_();
    const RandomDirections directions(model);
    const auto drawn = [&](const ferret::Seed& seed, std::uint32_t k) {
        for (auto& tensor : model.parameters) tensor.detach().zero_();
        directions.walk(seed, k, 1.0);
        return torch::cat({model.parameters[0].detach().flatten(), model.parameters[1].detach()})
            .clone();
    };
    const torch::Tensor first = drawn({3, 0}, 0);
    // 272 squares of N(0, 1): the mean is 1 with deviation sqrt(2 / 272) = 0.086; five of them.
    CHECK(std::abs(first.square().mean().item<double>() - 1.0) < 0.43);
    CHECK(torch::equal(first, drawn({3, 0}, 0)));
    CHECK_FALSE(torch::equal(first, drawn({3, 0}, 1)));
    CHECK_FALSE(torch::equal(first, drawn({3, 1}, 0)));
    CHECK_FALSE(torch::equal(first, drawn({4, 0}, 0)));
}

TEST_CASE("a walk of infinite length is refused, and the model is as before") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    const RandomDirections directions(model);
    for (const double amount : {std::numeric_limits<double>::quiet_NaN(), 1e39}) {
        CHECK_THROWS_AS(directions.walk({3, 0}, 0, amount), ferret::NonFinite);
    }
    CHECK(same_bits(model.parameters, start));
}
