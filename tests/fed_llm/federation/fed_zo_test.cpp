#include "federation/fed_zo.hpp"

#include <cmath>
#include <ferret/interop/torch.hpp>

#include "federation/tensor_message.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/play_round.hpp"
#include "support/resumed.hpp"

using namespace fed_llm;

namespace {

constexpr ZerothOrder training{
    .steps = 4, .examples = 5, .perturbation = 1e-3, .learning_rate = 0.1};

}  // namespace

TEST_CASE("a step of FedZO is along the mean of slope times direction") {
    const FederatedDataset dataset = random_dataset(1);
    const auto& examples = dataset.clients[0].examples;
    for (const std::int64_t directions : {1, 3}) {
        ZerothOrder one = training;
        one.steps = 1;
        TrainableModel model = bigram_model();
        const auto train = zeroth_order_trainer(model, one, directions, 7);
        const auto result = train(model, {0, dataset.clients[0]}, {2, 1.0},
                                  DataOrder(5, named_generator(1, "order")), {});
        CHECK(result.finite);
        CHECK(result.mean_loss == doctest::Approx(bigram_model().mean_loss(examples)));

        // Slopes from the gradient, along the same directions.
        TrainableModel expected = bigram_model();
        expected.loss(examples).backward();
        const RandomDirections walk(expected);
        const ferret::Seed seed = ferret::Seed{7, 2}.derive(0).derive(1);
        std::vector<double> slopes;
        for (std::int64_t n = 0; n < directions; ++n) {
            TrainableModel direction = bigram_model();
            for (auto& tensor : direction.parameters) tensor.detach().zero_();
            RandomDirections(direction).walk(seed, static_cast<std::uint32_t>(n), 1.0);
            double slope = 0.0;
            for (std::size_t i = 0; i < 2; ++i) {
                slope +=
                    (direction.parameters[i] * expected.parameters[i].grad()).sum().item<double>();
            }
            slopes.push_back(slope);
        }
        for (std::size_t n = 0; n < slopes.size(); ++n) {
            walk.walk(seed, static_cast<std::uint32_t>(n),
                      -one.learning_rate * slopes[n] / static_cast<double>(directions));
        }
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            // A forward difference is off by eps z^T H z / 2: the loss's second derivatives add up
            // to less than 2, so that is about 1e-3. Ten roundings of a loss near 3 add 2e-3. By the
            // rate and an entry of z below 5 that makes 1.5e-3 in a step of about 0.03.
            CHECK(torch::allclose(model.parameters[i], expected.parameters[i], 0.0, 2e-3));
        }
    }
}

TEST_CASE("FedZO sends the full update, averages it and lowers the loss") {
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel model = bigram_model();
    FedZo algorithm(model, training, 4, 7);
    std::vector<Example> all;
    for (const Client& client : dataset.clients) {
        all.insert(all.end(), client.examples.begin(), client.examples.end());
    }
    const double before = model.mean_loss(all);
    for (int round = 1; round <= 20; ++round) {
        const RoundResult result = play_round(algorithm, dataset, {round, 1.0});
        CHECK(result.messages[0].size() == encoded_size(model.parameters));
        CHECK(result.bytes_down == encoded_size(model.parameters));
    }
    CHECK(model.mean_loss(all) < before - 0.1);
}

TEST_CASE("clients, rounds and steps of FedZO have directions of their own") {
    const FederatedDataset dataset = random_dataset(1);
    const auto message = [&](std::int64_t round, std::uint64_t id) {
        TrainableModel model = bigram_model();
        FedZo algorithm(model, training, 1, 7);
        return algorithm.client_update({id, dataset.clients[0]}, {round, 1.0}, {}).message;
    };
    CHECK((message(1, 0) == message(1, 0)));
    CHECK((message(1, 0) != message(2, 0)));
    CHECK((message(1, 0) != message(1, 1)));
}

TEST_CASE("FedZO resumes to the same bits") {
    expect_same_bits_when_resumed(
        bigram_model,
        [](TrainableModel& model) { return std::make_unique<FedZo>(model, training, 2, 7); },
        random_dataset(2));
}

TEST_CASE("a client of FedZO without a finite slope fails, and the model is as before") {
    FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    model.mean_loss = [](std::span<const Example>) { return std::nan(""); };
    const Weights start = clone_weights(model.parameters);
    FedZo algorithm(model, training, 1, 7);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(same_bits(model.parameters, start));
}
