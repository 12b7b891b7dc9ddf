#include "run/make_algorithm.hpp"

#include <ferret/error.hpp>

#include "federation/fed_avg.hpp"
#include "federation/ferret.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("the options' algorithm is made, with their settings") {
    TrainableModel model = bigram_model();
    Options options;
    options.algorithm = "fedavg";
    CHECK(dynamic_cast<FedAvg*>(make_algorithm(options, model).get()) != nullptr);

    options.algorithm = "ferret";
    options.basis = "rademacher";
    options.budget = 30;
    options.budget_rule = "uniform";
    options.layout = "per-tensor";
    options.local_steps = 1;
    const auto algorithm = make_algorithm(options, model);
    REQUIRE(dynamic_cast<Ferret*>(algorithm.get()) != nullptr);
    const FederatedDataset dataset = random_dataset(1);
    const auto update = algorithm->client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    const ferret::Sketch sketch = ferret::decode(update.message);
    CHECK(sketch.basis == ferret::BasisId::rademacher);
    CHECK(sketch.bases_per_block == std::vector<std::uint32_t>{15, 15});
}

TEST_CASE("a budget that the model cannot take is refused") {
    TrainableModel model = bigram_model();
    Options options;
    options.budget = 1;
    CHECK_THROWS_AS(make_algorithm(options, model), ferret::InvalidBudget);
}
