#include "federation/local_training.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

DataOrder order_of(const std::vector<Example>& examples) {
    return DataOrder(examples.size(), named_generator(1, "order"));
}

}  // namespace

TEST_CASE("one SGD step over all examples goes along the gradient of their mean loss") {
    const auto examples = random_examples(4, "training");
    TrainableModel expected = bigram_model();
    expected.loss(examples).backward();
    {
        const torch::NoGradGuard no_grad;
        for (auto& parameter : expected.parameters) parameter.sub_(parameter.grad(), 0.1);
    }
    for (const std::int64_t accumulate : {1, 2, 4}) {
        TrainableModel model = bigram_model();
        const LocalTraining training{.steps = 1,
                                     .accumulate = accumulate,
                                     .batch_size = 4 / accumulate,
                                     .optimizer = OptimizerKind::sgd,
                                     .learning_rate = 0.1};
        const auto result = train_locally(model, examples, training, order_of(examples), {});
        CHECK(result.finite);
        CHECK(result.mean_loss == doctest::Approx(bigram_model().mean_loss(examples)));
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            // Entries are below 1, and sums of 28 gradients differ by a few float roundings.
            CHECK(torch::allclose(model.parameters[i], expected.parameters[i], 0.0, 1e-6));
        }
    }
}

TEST_CASE("SGD, Adam and AdamW lower the loss, and report each step") {
    const auto examples = random_examples(6, "training");
    for (const auto optimizer : {OptimizerKind::sgd, OptimizerKind::adam, OptimizerKind::adamw}) {
        TrainableModel model = bigram_model();
        const double before = model.mean_loss(examples);
        std::int64_t reported = 0;
        const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
            CHECK(step == ++reported);
            CHECK(steps == 20);
            CHECK(std::isfinite(loss));
        };
        train_locally(model, examples,
                      {.steps = 20, .batch_size = 2, .optimizer = optimizer, .learning_rate = 0.05},
                      order_of(examples), on_step);
        CHECK(reported == 20);
        CHECK(model.mean_loss(examples) < before);
    }
}

TEST_CASE("a loss that is not finite stops the training") {
    const auto examples = random_examples(4, "training");
    TrainableModel model = bigram_model();
    int calls = 0;
    model.loss = [&, loss = model.loss](std::span<const Example> batch) {
        return ++calls < 3 ? loss(batch) : loss(batch) * std::numeric_limits<float>::infinity();
    };
    const auto result = train_locally(model, examples, {.steps = 10}, order_of(examples), {});
    CHECK_FALSE(result.finite);
    CHECK(calls == 3);
}

TEST_CASE("weights that overflow in the last step are noticed") {
    const auto examples = random_examples(4, "training");
    TrainableModel model = steep_model();
    const auto result =
        train_locally(model, examples, {.steps = 1, .learning_rate = 1e38}, order_of(examples), {});
    CHECK_FALSE(result.finite);
}

TEST_CASE("what the observer throws ends the training") {
    const auto examples = random_examples(4, "training");
    TrainableModel model = bigram_model();
    const auto on_step = [](std::int64_t step, std::int64_t, double) {
        if (step == 2) throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(train_locally(model, examples, {}, order_of(examples), on_step), "stop");
}

TEST_CASE("optimizer names") {
    CHECK(parse_optimizer("sgd") == OptimizerKind::sgd);
    CHECK(parse_optimizer("adam") == OptimizerKind::adam);
    CHECK(parse_optimizer("adamw") == OptimizerKind::adamw);
    CHECK_THROWS_WITH_AS(parse_optimizer("lion"),
                         "optimizer: expected sgd, adam or adamw, got 'lion'",
                         std::invalid_argument);
}
