#include "federation/fed_avg.hpp"

#include <limits>
#include <stdexcept>

#include "federation/tensor_message.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};

}  // namespace

TEST_CASE("at server rate 1 the server takes the mean of the clients' models") {
    const FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    FedAvg algorithm(model, training, 1);
    Weights mean = clone_weights(start);
    for (auto& tensor : mean) tensor.zero_();
    for (std::uint64_t id = 0; id < 2; ++id) {
        const auto update = algorithm.client_update({id, dataset.clients[id]}, {1, 1.0}, {});
        CHECK(update.failure.empty());
        CHECK(same_bits(model.parameters, start));
        CHECK(update.message.size() == encoded_size(start));
        algorithm.receive(update.message);

        TrainableModel alone = bigram_model();
        train_locally(alone, dataset.clients[id].examples, training,
                      DataOrder(5, named_generator(
                                       1, "data of client " + std::to_string(id) + " in round 1")),
                      {});
        CHECK_FALSE(same_bits(alone.parameters, start));
        add_weights(mean, alone.parameters, 0.5);
    }
    CHECK(algorithm.aggregate({1, 1.0}) == encoded_size(start));
    for (std::size_t i = 0; i < mean.size(); ++i) {
        // Entries are below 1; before - after and back costs a few float roundings.
        CHECK(torch::allclose(model.parameters[i], mean[i], 0.0, 1e-6));
    }
}

TEST_CASE("the server rate scales the mean update, and a new round starts from nothing") {
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 1);
    Weights ones = clone_weights(model.parameters);
    for (auto& tensor : ones) tensor.fill_(1.0f);
    for (int round = 1; round <= 2; ++round) {
        for (auto& tensor : model.parameters) tensor.detach().zero_();
        algorithm.receive(encode_tensors(ones));
        algorithm.receive(encode_tensors(ones));
        algorithm.aggregate({round, 0.5});
        for (const auto& tensor : model.parameters) CHECK((tensor == -0.5f).all().item<bool>());
    }
    CHECK_THROWS_AS(algorithm.aggregate({3, 0.5}), std::logic_error);
}

TEST_CASE("messages no client can have sent are refused") {
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 1);
    CHECK_THROWS_AS(algorithm.receive({}), std::runtime_error);
    CHECK_THROWS_AS(algorithm.receive(encode_tensors({torch::ones({16, 16})})), std::runtime_error);
    Weights poisoned = clone_weights(model.parameters);
    poisoned[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(algorithm.receive(encode_tensors(poisoned)), std::runtime_error);
}

TEST_CASE("a client whose weights overflow fails, and the model is as before") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    FedAvg algorithm(model, {.steps = 1, .learning_rate = 1e38}, 1);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("FedAvg has no state of its own") {
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 1);
    CHECK(algorithm.state().empty());
    algorithm.restore({});
    const std::vector<std::byte> other(3);
    CHECK_THROWS_AS(algorithm.restore(other), std::runtime_error);
}
