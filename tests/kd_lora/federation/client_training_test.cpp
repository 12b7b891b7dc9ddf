#include "kd_lora/federation/client_training.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <vector>

#include "federated/model/weights.hpp"
#include "federated/round/sampling.hpp"
#include "kd_lora/model/lora.hpp"
#include "kd_lora/model/trainable_classifier.hpp"
#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

const std::vector<EncodedExample> examples = {
    {{2, 7, 3}, 0},           {{2, 9, 30, 3}, 1}, {{2, 8, 3}, 0},     {{2, 11, 12, 13, 3}, 1},
    {{2, 14, 5, 6, 7, 3}, 0}, {{2, 15, 3}, 1},    {{2, 16, 20, 3}, 1}};
const federated::ClientRows clients = {{0, 1, 2, 3}, {4, 5, 6}};

const federated::Round second{.number = 2};

class Setting {
public:
    Setting() : model(tiny_classifier(BertFamily::distilbert)) {
        tuned = trainable(model, {examples}, clients);
        start_ = federated::clone_weights(tuned.parameters);
        training.batch_size = 2;
        training.learning_rate = 0.01;
    }

    /// The weights that a client comes to, from the same ones each time.
    federated::Weights trained(std::uint64_t client, const federated::Round& round,
                               std::vector<std::int64_t>* steps = nullptr) {
        federated::assign_weights(tuned.parameters, start_);
        const federated::LocalResult result = client_trainer(model, training)(
            tuned, {client, clients[client].size()}, round,
            federated::DataOrder(1, federated::named_generator(0, "unused")),
            [&](std::int64_t step, std::int64_t, double) {
                if (steps != nullptr) steps->push_back(step);
            });
        CHECK(result.finite);
        CHECK(result.mean_loss > 0.0);
        return federated::clone_weights(tuned.parameters);
    }

    SequenceClassifier model;
    federated::TrainableModel tuned;
    ClientTraining training{.source = {examples}, .clients = clients};

private:
    federated::Weights start_;
};

bool same(const federated::Weights& a, const federated::Weights& b) {
    return std::ranges::equal(
        a, b, [](const torch::Tensor& x, const torch::Tensor& y) { return torch::equal(x, y); });
}

}  // namespace

TEST_CASE("a client's training is a function of seed, client and round, whoever trained before") {
    Setting setting;
    torch::manual_seed(1);
    const federated::Weights once = setting.trained(0, second);
    setting.trained(1, federated::Round{.number = 1});
    torch::manual_seed(5);
    CHECK(same(setting.trained(0, second), once));
    CHECK(!same(setting.trained(0, federated::Round{.number = 3}), once));
    CHECK(!same(setting.trained(1, second), once));
    setting.training.seed = 1;
    CHECK(!same(setting.trained(0, second), once));
    for (const torch::Tensor& tensor : setting.tuned.parameters) CHECK(!tensor.grad().defined());
}

TEST_CASE("a client takes the steps of its passes, with whichever AdamW it is told") {
    Setting setting;
    std::vector<std::int64_t> steps;
    const federated::Weights one = setting.trained(1, second, &steps);
    CHECK(steps == std::vector<std::int64_t>{1, 2});
    steps.clear();
    setting.training.epochs = 2;
    setting.training.examples_per_round = 2;
    setting.trained(1, second, &steps);
    CHECK(steps == std::vector<std::int64_t>{1, 2});
    setting.training.epochs = 1;
    setting.training.examples_per_round = 0;
    for (const AdamWKind other : {AdamWKind::torch, AdamWKind::torch_no_decay}) {
        setting.training.optimizer = other;
        CHECK(!same(setting.trained(1, second), one));
    }
}

TEST_CASE("only adapters and head are tuned beside frozen weights") {
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    add_lora(model, {.rank = 2}, 0);
    federated::TrainableModel tuned = trainable(model, {examples}, clients);
    for (const std::string& name : tuned.names) {
        CHECK((name.find("lora_") != std::string::npos ||
               name.find("classifier") != std::string::npos));
    }
    CHECK(tuned.parameters.size() == 2 * 2 * 3 + 4);
    const torch::Tensor frozen = model.parameters().front().tensor.clone();
    const ClientTraining training{
        .source = {examples}, .clients = clients, .batch_size = 2, .learning_rate = 0.01};
    client_trainer(model, training)(tuned, {0, 4}, second,
                                    federated::DataOrder(1, federated::named_generator(0, "")), {});
    CHECK(torch::equal(model.parameters().front().tensor, frozen));
}

TEST_CASE("rounds walk through a share without repetition until it is used up") {
    std::vector<std::size_t> seen;
    for (std::int64_t number = 1; number <= 2; ++number) {
        for (const auto& batch :
             batches_of_round({examples}, {0, 1, 2, 3, 4, 5}, 3, 1, 2, Batching::random, 9, "one",
                              federated::Round{.number = number})) {
            seen.insert(seen.end(), batch.begin(), batch.end());
        }
    }
    std::ranges::sort(seen);
    CHECK(seen == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a loss that is not finite ends the training, and says so") {
    Setting setting;
    const torch::NoGradGuard no_grad;
    setting.tuned.parameters.back().fill_(std::numeric_limits<float>::infinity());
    const torch::AutoGradMode with_gradient(true);
    const federated::LocalResult result = client_trainer(setting.model, setting.training)(
        setting.tuned, {0, 4}, second, federated::DataOrder(1, federated::named_generator(0, "")),
        {});
    CHECK(!result.finite);
}

TEST_CASE("the losses of a federation's model are mean cross entropies without dropout") {
    Setting setting;
    const std::vector<std::size_t> places = {0, 2};
    const torch::Tensor loss = setting.tuned.loss({1, places});
    CHECK(loss.requires_grad());
    const BatchTensors batch = ExampleSource{examples}.batch(std::vector<std::size_t>{4, 6});
    const torch::NoGradGuard no_grad;
    const double expected = cross_entropy(setting.model, batch, nullptr).item<double>();
    CHECK(loss.item<double>() == expected);
    CHECK(setting.tuned.mean_loss({1, places}) == expected);
    CHECK_THROWS_AS(setting.tuned.loss({2, places}), std::out_of_range);
    CHECK_THROWS_AS(setting.tuned.loss({1, {}}), std::invalid_argument);
}
