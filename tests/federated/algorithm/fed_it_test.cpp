#include "federated/algorithm/fed_it.hpp"

#include <limits>
#include <memory>
#include <stdexcept>

#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{
    .steps = 5, .batch_size = 5, .optimizer = OptimizerKind::adam, .learning_rate = 0.02};
const LoraSettings lora{.rank = 4, .alpha = 8.0, .targets = {"table"}};

const Weights adapters{torch::zeros({4, 16}), torch::zeros({16, 4})};

Roles make(TrainableModel& model, const LocalTraining& steps = training) {
    return {std::make_unique<FedItClient>(model, steps, lora, 3),
            std::make_unique<FedAvgServer>(adapters)};
}

}  // namespace

TEST_CASE("FedIT lowers the loss by its adapters alone") {
    for (const auto optimizer : {OptimizerKind::adam, OptimizerKind::sgd}) {
        LocalTraining tuned = training;
        tuned.optimizer = optimizer;
        tuned.learning_rate = optimizer == OptimizerKind::adam ? 0.02 : 0.5;
        TrainableModel model = bigram_model();
        const Weights start = clone_weights(model.parameters);
        Roles roles = make(model, tuned);
        const double before = mean_loss(model, 3);
        for (int round = 1; round <= 10; ++round) play_round(roles, 3, {round, 1.0});
        CHECK(mean_loss(model, 3) < before - 0.1);
        CHECK(torch::equal(model.parameters[1], start[1]));
        CHECK_FALSE(torch::equal(model.parameters[0], start[0]));
    }
}

TEST_CASE("only adapters travel, and a client leaves the round's model behind") {
    TrainableModel model = bigram_model();
    Roles roles = make(model);
    play_round(roles, 2, {1, 1.0});
    const Weights global = clone_weights(model.parameters);
    const auto update = roles.client->train(participant(0), {2, 1.0}, {}, {});
    CHECK(same_bits(model.parameters, global));
    CHECK(update.message.size() == encoded_size(adapters));
    roles.server->receive(participant(0), {2, 1.0}, update.message);
    const auto broadcast = roles.server->close({2, 1.0});
    CHECK(broadcast.size() == 8 + encoded_size(adapters));
    roles.client->follow({2, 1.0}, broadcast);
    CHECK_FALSE(same_bits(model.parameters, global));
}

TEST_CASE("A and B are averaged each for itself") {
    TrainableModel model = bigram_model();
    FedItClient client(model, training, lora, 3);
    FedAvgServer server(adapters);
    const Weights start = clone_weights(client.adapters().parameters());
    Weights expected = clone_weights(start);
    for (std::uint64_t id = 0; id < 2; ++id) {
        const auto update = client.train(participant(id), {1, 0.5}, {}, {});
        server.receive(participant(id), {1, 0.5}, update.message);
        add_weights(expected, decode_tensors(update.message, start, "test"), -0.25);
    }
    client.follow({1, 0.5}, server.close({1, 0.5}));
    for (std::size_t i = 0; i < 2; ++i) {
        // Two sums of entries below 1 in another order.
        CHECK(torch::allclose(client.adapters().parameters()[i], expected[i], 0.0, 1e-6));
    }
}

TEST_CASE("FedIT resumes to the same bits") {
    expect_same_bits_when_resumed([] { return bigram_model(); },
                                  [](TrainableModel& model) { return make(model); });
}

TEST_CASE("FedIT refuses what is not of its adapters") {
    TrainableModel model = bigram_model();
    Roles roles = make(model);
    const auto receive = [&](const std::vector<std::byte>& message) {
        roles.server->receive(participant(0), {1, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), std::runtime_error);
    CHECK_THROWS_AS(receive(encode_tensors(model.parameters)), std::runtime_error);
    Weights poisoned = clone_weights(adapters);
    poisoned[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(receive(encode_tensors(poisoned)), std::runtime_error);
    CHECK_THROWS_AS(roles.client->restore({}), std::runtime_error);
    CHECK_THROWS_AS(roles.client->restore(encode_tensors(model.parameters)), std::runtime_error);
    CHECK_THROWS_AS(FedItClient(model, training, {}, 3), std::invalid_argument);
}

TEST_CASE("a client of FedIT whose loss overflows fails, and the model is as before") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    Roles roles = make(model, {.steps = 2, .optimizer = OptimizerKind::sgd, .learning_rate = 1e38});
    const auto update = roles.client->train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}
