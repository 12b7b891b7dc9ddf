#include "fed_llm/model/loss.hpp"

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/model/reference_llama.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

Example example(std::vector<std::int64_t> tokens, std::size_t prompt_length) {
    return {std::move(tokens), prompt_length, ""};
}

/// By the definition, from the logits of the plain loops.
double reference_loss(const Llama& model, const Example& example) {
    const auto logits = ReferenceLlama(model).logits(example.tokens);
    double sum = 0.0;
    for (std::size_t at = example.prompt_length; at < example.tokens.size(); ++at) {
        double partition = 0.0;
        for (const double logit : logits[at - 1]) partition += std::exp(logit);
        sum += std::log(partition) - logits[at - 1][static_cast<std::size_t>(example.tokens[at])];
    }
    return sum / static_cast<double>(example.tokens.size() - example.prompt_length);
}

const std::vector<Example> batch{example({1, 5, 9, 20, 2}, 3), example({1, 7, 2}, 1),
                                 example({1, 8, 8, 8, 30, 31, 32, 33, 2}, 2),
                                 example({1, 36, 0, 2}, 3)};

// Logits of some units after float32 roundings; see the tolerance in llama_test.cpp.
constexpr double tolerance = 1e-4;

}  // namespace

TEST_CASE("the loss is the cross entropy of the response's tokens") {
    Llama model = tiny_model(tiny_config());
    const torch::Tensor losses = response_losses(model, batch);
    double sum = 0.0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const double expected = reference_loss(model, batch[i]);
        sum += expected;
        CHECK(std::abs(losses[static_cast<std::int64_t>(i)].item<double>() - expected) < tolerance);
    }
    const double mean = sum / static_cast<double>(batch.size());
    CHECK(std::abs(response_loss(model, batch).item<double>() - mean) < tolerance);
}

TEST_CASE("the mean loss does not depend on the batches") {
    Llama model = tiny_model(tiny_config());
    const double expected = response_loss(model, batch).item<double>();
    for (const std::int64_t tokens : {1, 10, 17, 4096}) {
        CHECK(std::abs(mean_response_loss(model, batch, tokens) - expected) < tolerance);
    }
}

TEST_CASE("the gradient is that of the loss") {
    Llama model = tiny_model(tiny_config());
    torch::Tensor weight = model->named_parameters()["model.layers.1.mlp.up_proj.weight"];
    response_loss(model, batch).backward();
    const torch::Tensor gradient = weight.grad().clone();
    const torch::NoGradGuard no_grad;
    const torch::Tensor direction = gradient / gradient.norm();
    constexpr double step = 1e-2;
    weight.add_(direction, step);
    const double above = response_loss(model, batch).item<double>();
    weight.sub_(direction, 2.0 * step);
    const double below = response_loss(model, batch).item<double>();
    // Central difference: error O(step^2), and float32 roundings of the loss over the step.
    const double slope = (above - below) / (2.0 * step);
    CHECK(std::abs(slope - gradient.norm().item<double>()) < 1e-2 * slope);
}

TEST_CASE("examples without prompt or response, too long or with unknown tokens are refused") {
    Llama model = tiny_model(tiny_config());
    const auto loss = [&](const Example& one) { response_loss(model, std::vector{one}); };
    CHECK_THROWS_AS(loss(example({1, 2, 3}, 0)), std::invalid_argument);
    CHECK_THROWS_AS(loss(example({1, 2, 3}, 3)), std::invalid_argument);
    CHECK_THROWS_AS(loss(example({}, 0)), std::invalid_argument);
    CHECK_THROWS_AS(loss(example({1, 2, 37}, 1)), std::invalid_argument);
    CHECK_THROWS_AS(loss(example({1, -1, 3}, 1)), std::invalid_argument);
    CHECK_NOTHROW(loss(example(std::vector<std::int64_t>(32, 3), 1)));
    CHECK_THROWS_AS(loss(example(std::vector<std::int64_t>(33, 3), 1)), std::invalid_argument);
    CHECK_THROWS_AS(response_loss(model, {}), std::invalid_argument);
    CHECK_THROWS_AS(mean_response_loss(model, {}), std::invalid_argument);
}

TEST_SUITE("shared") {
    TEST_CASE("the known loss of stories260K") {
        Llama model = load_llama(std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K");
        const std::vector<Example> once{example({1, 403, 407, 261, 378}, 1)};
        // The float64 answer in the model's SOURCE.txt; float32 roundings stay far below 1e-5.
        CHECK(std::abs(response_loss(model, once).item<double>() - 0.06852259364913849) < 1e-5);
    }
}
