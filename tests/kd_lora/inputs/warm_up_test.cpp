#include "kd_lora/inputs/warm_up.hpp"

#include "kd_lora/inputs/small_models.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

TEST_CASE("a warm-up teaches the encoder, and leaves a new head") {
    SequenceClassifier model = half_the_layers(small_teacher(20, 1), 1);
    const torch::Tensor words = model.parameters().front().tensor.detach().clone();
    const torch::Tensor head = model.projections().back()->weight.detach().clone();
    // Token 5 or 6 tells the label.
    const std::vector<EncodedExample> examples{{{2, 5, 7, 3}, 0}, {{2, 6, 3}, 1}};
    std::vector<double> losses;
    warm_up(model, examples, {.steps = 30, .batch_size = 2, .learning_rate = 1e-3}, 1,
            [&](double loss) { losses.push_back(loss); });
    REQUIRE(losses.size() == 30);
    CHECK(losses.back() < 0.5 * losses.front());
    CHECK_FALSE(torch::equal(model.parameters().front().tensor, words));
    CHECK(torch::equal(model.projections().back()->weight, head));
    for (const NamedParameter& parameter : model.parameters()) {
        CHECK_FALSE(parameter.tensor.grad().defined());
    }
}
