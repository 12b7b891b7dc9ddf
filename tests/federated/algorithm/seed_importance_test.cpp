#include "federated/algorithm/seed_importance.hpp"

#include <cmath>
#include <stdexcept>

#include "federated/round/sampling.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("without a history all directions are alike") {
    for (const float probability : SeedImportance(8).probabilities()) {
        CHECK(probability == 0.125f);
    }
}

TEST_CASE("probabilities are the softmax of the means between least and most") {
    SeedImportance importance(4);
    importance.add(1, 3.0f);
    importance.add(1, -6.0f);
    importance.add(2, -2.0f);
    // Means with the first 0: 0, 3, 1, 0; between least and most: 0, 1, 1/3, 0.
    const double total = 1.0 + std::exp(1.0) + std::exp(1.0 / 3.0) + 1.0;
    const auto probabilities = importance.probabilities();
    CHECK(probabilities[0] == doctest::Approx(1.0 / total));
    CHECK(probabilities[1] == doctest::Approx(std::exp(1.0) / total));
    CHECK(probabilities[2] == doctest::Approx(std::exp(1.0 / 3.0) / total));
    CHECK(probabilities[3] == doctest::Approx(1.0 / total));
}

TEST_CASE("slopes are clipped at 1000") {
    SeedImportance clipped(3);
    SeedImportance within(3);
    clipped.add(0, 1e30f);
    within.add(0, -1000.0f);
    clipped.add(1, 5.0f);
    within.add(1, 5.0f);
    CHECK(clipped.probabilities() == within.probabilities());
}

TEST_CASE("directions are drawn as often as their probabilities say") {
    const std::vector<float> probabilities{0.1f, 0.0f, 0.6f, 0.3f};
    auto generator = named_generator(1, "draws");
    std::vector<int> counts(4, 0);
    constexpr int draws = 10000;
    for (int i = 0; i < draws; ++i) ++counts[draw_direction(generator, probabilities)];
    CHECK(counts[1] == 0);
    for (const std::size_t k : {0u, 2u, 3u}) {
        const double p = static_cast<double>(probabilities[k]);
        // Five standard deviations of a binomial count.
        CHECK(std::abs(counts[k] - draws * p) < 5.0 * std::sqrt(draws * p * (1.0 - p)));
    }
}

TEST_CASE("a history comes back from its state, and no other does") {
    SeedImportance importance(5);
    importance.add(3, 2.0f);
    importance.add(1, -7.0f);
    const auto state = importance.state();
    SeedImportance restored(5);
    restored.restore(state);
    CHECK(restored.probabilities() == importance.probabilities());
    CHECK((restored.state() == state));

    for (std::size_t size = 0; size < state.size(); ++size) {
        CHECK_THROWS_AS(restored.restore(std::span(state).first(size)), std::runtime_error);
    }
    CHECK_THROWS_AS(SeedImportance(4).restore(state), std::runtime_error);
    CHECK((restored.state() == state));
}
