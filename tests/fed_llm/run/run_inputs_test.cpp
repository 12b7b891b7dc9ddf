#include "run/run_inputs.hpp"

#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/tiny_run.hpp"

using namespace fed_llm;

TEST_CASE("examples are spread evenly") {
    const std::vector<Example> examples = random_examples(10, "spread");
    const auto chosen = spread_evenly(examples, 4);
    REQUIRE(chosen.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(chosen[i].tokens == examples[i * 10 / 4].tokens);
    }
    CHECK(spread_evenly(examples, 0).size() == 10);
    CHECK(spread_evenly(examples, 11).size() == 10);
}

TEST_CASE("inputs follow the options") {
    Options options = tiny_command("", "ferret").options;
    options.clients_per_round = 0;
    options.participation = 0.5;
    const RunInputs inputs = load_inputs(options, options.model, options.data);
    CHECK(inputs.dataset.test.size() == 10);
    CHECK(inputs.federation.clients_per_round == (inputs.dataset.clients.size() + 1) / 2);
    CHECK(inputs.federation.rounds == 4);
    CHECK(training_example_count(inputs.dataset) > inputs.dataset.clients.size());
}
