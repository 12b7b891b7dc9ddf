#include "federated/algorithm/local_training.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

DataOrder order() {
    return DataOrder(5, named_generator(1, "order"));
}

}  // namespace

TEST_CASE("one SGD step over all examples goes along the gradient of their mean loss") {
    TrainableModel expected = bigram_model();
    expected.loss(all_of(0)).backward();
    {
        const torch::NoGradGuard no_grad;
        for (auto& parameter : expected.parameters) parameter.sub_(parameter.grad(), 0.1);
    }
    for (const std::int64_t accumulate : {1, 5}) {
        TrainableModel model = bigram_model();
        const LocalTraining training{.steps = 1,
                                     .accumulate = accumulate,
                                     .batch_size = 5 / accumulate,
                                     .optimizer = OptimizerKind::sgd,
                                     .learning_rate = 0.1};
        const auto result = train_locally(model, 0, training, order(), {});
        CHECK(result.finite);
        CHECK(result.mean_loss == doctest::Approx(bigram_model().mean_loss(all_of(0))));
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            // Entries are below 1, and sums of 35 gradients differ by a few float roundings.
            CHECK(torch::allclose(model.parameters[i], expected.parameters[i], 0.0, 1e-6));
        }
    }
}

TEST_CASE("SGD, Adam and AdamW lower the loss, and report each step") {
    for (const auto optimizer : {OptimizerKind::sgd, OptimizerKind::adam, OptimizerKind::adamw}) {
        TrainableModel model = bigram_model();
        const double before = model.mean_loss(all_of(0));
        std::int64_t reported = 0;
        const auto on_step = [&](std::int64_t step, std::int64_t steps, double loss) {
            CHECK(step == ++reported);
            CHECK(steps == 20);
            CHECK(std::isfinite(loss));
        };
        train_locally(model, 0,
                      {.steps = 20, .batch_size = 2, .optimizer = optimizer, .learning_rate = 0.05},
                      order(), on_step);
        CHECK(reported == 20);
        CHECK(model.mean_loss(all_of(0)) < before);
    }
}

TEST_CASE("a loss that is not finite stops the training") {
    TrainableModel model = bigram_model();
    int calls = 0;
    model.loss = [&, loss = model.loss](const Batch& batch) {
        return ++calls < 3 ? loss(batch) : loss(batch) * std::numeric_limits<float>::infinity();
    };
    const auto result = train_locally(model, 0, {.steps = 10}, order(), {});
    CHECK_FALSE(result.finite);
    CHECK(calls == 3);
}

TEST_CASE("weights that overflow in the last step are noticed") {
    TrainableModel model = steep_model();
    const auto result = train_locally(model, 0, {.steps = 1, .learning_rate = 1e38}, order(), {});
    CHECK_FALSE(result.finite);
}

TEST_CASE("what the observer throws ends the training") {
    TrainableModel model = bigram_model();
    const auto on_step = [](std::int64_t step, std::int64_t, double) {
        if (step == 2) throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(train_locally(model, 0, {}, order(), on_step), "stop");
}

TEST_CASE("the options' names and numbers become those of the training") {
    AlgorithmOptions options;
    options.local_steps = 7;
    options.accumulate = 3;
    options.batch_size = 2;
    options.optimizer = "adamw";
    options.lr = 0.25;
    const LocalTraining training = local_training(options);
    CHECK(training.steps == 7);
    CHECK(training.accumulate == 3);
    CHECK(training.batch_size == 2);
    CHECK(training.optimizer == OptimizerKind::adamw);
    CHECK(training.learning_rate == 0.25);
    options.optimizer = "lion";
    CHECK_THROWS_WITH_AS(local_training(options),
                         "optimizer: expected sgd, adam or adamw, got 'lion'",
                         std::invalid_argument);
}
