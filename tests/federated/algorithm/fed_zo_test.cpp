#include "federated/algorithm/fed_zo.hpp"

#include <cmath>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr ZerothOrder training{
    .steps = 4, .examples = 5, .perturbation = 1e-3, .learning_rate = 0.1};

Roles roles_of(TrainableModel& model, std::int64_t directions) {
    return {std::make_unique<FedAvgClient>(model,
                                           zeroth_order_trainer(model, training, directions, 7), 7),
            std::make_unique<FedAvgServer>(model.parameters)};
}

}  // namespace

TEST_CASE("a step of FedZO is along the mean of slope times direction") {
    for (const std::int64_t directions : {1, 3}) {
        ZerothOrder one = training;
        one.steps = 1;
        TrainableModel model = bigram_model();
        const auto train = zeroth_order_trainer(model, one, directions, 7);
        const auto result =
            train(model, participant(0), {2, 1.0}, DataOrder(5, named_generator(1, "order")), {});
        CHECK(result.finite);
        CHECK(result.mean_loss == doctest::Approx(bigram_model().mean_loss(all_of(0))));

        // Slopes from the gradient, along the same directions.
        TrainableModel expected = bigram_model();
        expected.loss(all_of(0)).backward();
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
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, 4);
    const double before = mean_loss(model, 3);
    for (int round = 1; round <= 20; ++round) {
        const RoundResult result = play_round(roles, 3, {round, 1.0});
        CHECK(result.messages[0].size() == encoded_size(model.parameters));
        CHECK(result.broadcast.size() == 8 + encoded_size(model.parameters));
    }
    CHECK(mean_loss(model, 3) < before - 0.1);
}

TEST_CASE("clients, rounds and steps of FedZO have directions of their own") {
    const auto message = [&](std::int64_t round, std::uint64_t id) {
        // The same examples for both clients.
        TrainableModel model = bigram_model({random_clients(1)[0], random_clients(1)[0]});
        return roles_of(model, 1).client->train(participant(id), {round, 1.0}, {}, {}).message;
    };
    CHECK((message(1, 0) == message(1, 0)));
    CHECK((message(1, 0) != message(2, 0)));
    CHECK((message(1, 0) != message(1, 1)));
}

TEST_CASE("FedZO resumes to the same bits") {
    expect_same_bits_when_resumed([] { return bigram_model(); },
                                  [](TrainableModel& model) { return roles_of(model, 2); });
}

TEST_CASE("a client of FedZO without a finite slope fails, and the model is as before") {
    TrainableModel model = bigram_model();
    model.mean_loss = [](const Batch&) { return std::nan(""); };
    const Weights start = clone_weights(model.parameters);
    const auto update = roles_of(model, 1).client->train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(same_bits(model.parameters, start));
}
