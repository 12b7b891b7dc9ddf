#include "federation/fed_it.hpp"

#include <limits>
#include <stdexcept>

#include "federation/tensor_message.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/play_round.hpp"
#include "support/resumed.hpp"

using namespace fed_llm;

namespace {

constexpr LocalTraining training{
    .steps = 5, .batch_size = 5, .optimizer = OptimizerKind::adam, .learning_rate = 0.02};
const LoraSettings lora{.rank = 4, .alpha = 8.0, .targets = {"table"}};

std::unique_ptr<FedIt> make(TrainableModel& model) {
    return std::make_unique<FedIt>(model, training, lora, 3);
}

}  // namespace

TEST_CASE("FedIT lowers the loss by its adapters alone") {
    const FederatedDataset dataset = random_dataset(3);
    for (const auto optimizer : {OptimizerKind::adam, OptimizerKind::sgd}) {
        LocalTraining tuned = training;
        tuned.optimizer = optimizer;
        tuned.learning_rate = optimizer == OptimizerKind::adam ? 0.02 : 0.5;
        TrainableModel model = bigram_model();
        const Weights start = clone_weights(model.parameters);
        FedIt algorithm(model, tuned, lora, 3);
        std::vector<Example> all;
        for (const Client& client : dataset.clients) {
            all.insert(all.end(), client.examples.begin(), client.examples.end());
        }
        const double before = model.mean_loss(all);
        for (int round = 1; round <= 10; ++round) play_round(algorithm, dataset, {round, 1.0});
        CHECK(model.mean_loss(all) < before - 0.1);
        CHECK(torch::equal(model.parameters[1], start[1]));
        CHECK_FALSE(torch::equal(model.parameters[0], start[0]));
    }
}

TEST_CASE("only adapters travel, and a client leaves the global model behind") {
    const FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    FedIt algorithm(model, training, lora, 3);
    play_round(algorithm, dataset, {1, 1.0});
    const Weights global = clone_weights(model.parameters);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {2, 1.0}, {});
    CHECK(same_bits(model.parameters, global));
    const Weights adapters{torch::zeros({4, 16}), torch::zeros({16, 4})};
    CHECK(update.message.size() == encoded_size(adapters));
    algorithm.receive(update.message);
    CHECK(algorithm.aggregate({2, 1.0}) == encoded_size(adapters));
    CHECK_FALSE(same_bits(model.parameters, global));
}

TEST_CASE("the server averages A and B each for itself") {
    const FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    FedIt algorithm(model, training, lora, 3);
    const Weights start = clone_weights(algorithm.adapters().parameters());
    const RoundResult result = play_round(algorithm, dataset, {1, 0.5});
    Weights expected = clone_weights(start);
    for (const auto& message : result.messages) {
        add_weights(expected, decode_tensors(message, start, "test"), -0.25);
    }
    for (std::size_t i = 0; i < 2; ++i) {
        // Two sums of entries below 1 in another order.
        CHECK(torch::allclose(algorithm.adapters().parameters()[i], expected[i], 0.0, 1e-6));
    }
}

TEST_CASE("FedIT resumes to the same bits") {
    expect_same_bits_when_resumed(bigram_model, make, random_dataset(2));
}

TEST_CASE("FedIT refuses what is not of its adapters") {
    TrainableModel model = bigram_model();
    const auto algorithm = make(model);
    CHECK_THROWS_AS(algorithm->receive({}), std::runtime_error);
    CHECK_THROWS_AS(algorithm->receive(encode_tensors(model.parameters)), std::runtime_error);
    Weights poisoned{torch::zeros({4, 16}), torch::zeros({16, 4})};
    poisoned[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(algorithm->receive(encode_tensors(poisoned)), std::runtime_error);
    CHECK_THROWS_AS(algorithm->restore({}), std::runtime_error);
    CHECK_THROWS_AS(algorithm->restore(encode_tensors(model.parameters)), std::runtime_error);
    CHECK_THROWS_AS(FedIt(model, training, {}, 3), std::invalid_argument);
}

TEST_CASE("a client of FedIT whose loss overflows fails, and the model is as before") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    FedIt algorithm(model, {.steps = 2, .optimizer = OptimizerKind::sgd, .learning_rate = 1e38},
                    lora, 3);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}
