#include "fed_llm/evaluation/evaluate.hpp"

#include <stdexcept>

#include "fed_llm/model/loss.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("the test loss is the mean over all test examples, told in slices") {
    std::vector<Example> test(100);
    for (std::size_t i = 0; i < test.size(); ++i) {
        test[i].tokens = {static_cast<std::int64_t>(i % 30), 2, 3, 4};
        test[i].prompt_length = 1;
    }
    Llama llama = tiny_model(tiny_config());
    std::vector<federated::Progress> told;
    const auto metrics = evaluate(
        llama, test, 4, [&](const federated::Progress& progress) { told.push_back(progress); });
    REQUIRE(metrics.size() == 1);
    CHECK(metrics[0].name == "test_loss");
    // Sums of a hundred losses below 100 in another order, in double.
    CHECK(metrics[0].value == doctest::Approx(mean_response_loss(llama, test)).epsilon(1e-6));
    REQUIRE(told.size() == 2);
    CHECK(told[0].done == 64);
    CHECK(told[1].done == 100);
    CHECK(told[1].round == 4);
    CHECK_THROWS_WITH(
        evaluate(llama, test, 4,
                 [](const federated::Progress&) { throw std::runtime_error("stop"); }),
        "stop");
}
