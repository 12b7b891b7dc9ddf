#include "federated/algorithm/fed_avg.hpp"

#include <limits>
#include <stdexcept>

#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};

FedAvgClient client_of(TrainableModel& model) {
    return {model, first_order_trainer(training), 1};
}

}  // namespace

TEST_CASE("at server rate 1 the model becomes the mean of the clients' models") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    FedAvgClient client = client_of(model);
    FedAvgServer server(model.parameters);
    Weights mean = clone_weights(start);
    for (auto& tensor : mean) tensor.zero_();
    for (std::uint64_t id = 0; id < 2; ++id) {
        const auto update = client.train(participant(id), {1, 1.0}, {}, {});
        CHECK(update.failure.empty());
        CHECK(same_bits(model.parameters, start));
        CHECK(update.message.size() == encoded_size(start));
        server.receive(participant(id), {1, 1.0}, update.message);

        TrainableModel alone = bigram_model();
        train_locally(alone, id, training,
                      DataOrder(5, named_generator(
                                       1, "data of client " + std::to_string(id) + " in round 1")),
                      {});
        CHECK_FALSE(same_bits(alone.parameters, start));
        add_weights(mean, alone.parameters, 0.5);
    }
    const std::vector<std::byte> broadcast = server.close({1, 1.0});
    CHECK(broadcast.size() == 8 + encoded_size(start));
    CHECK(same_bits(model.parameters, start));
    client.follow({1, 1.0}, broadcast);
    for (std::size_t i = 0; i < mean.size(); ++i) {
        // Entries are below 1; before - after and back costs a few float roundings.
        CHECK(torch::allclose(model.parameters[i], mean[i], 0.0, 1e-6));
    }
}

TEST_CASE("the server rate scales the mean update, and a new round starts from nothing") {
    TrainableModel model = bigram_model();
    FedAvgClient client = client_of(model);
    FedAvgServer server(model.parameters);
    Weights ones = clone_weights(model.parameters);
    for (auto& tensor : ones) tensor.fill_(1.0f);
    for (int round = 1; round <= 2; ++round) {
        for (auto& tensor : model.parameters) tensor.detach().zero_();
        server.receive(participant(0), {round, 0.5}, encode_tensors(ones));
        server.receive(participant(1), {round, 0.5}, encode_tensors(ones));
        client.follow({round, 0.5}, server.close({round, 0.5}));
        for (const auto& tensor : model.parameters) CHECK((tensor == -0.5f).all().item<bool>());
    }
    CHECK_THROWS_AS(server.close({3, 0.5}), std::logic_error);
}

TEST_CASE("messages no client can have sent are refused, and broadcasts no server can have") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    FedAvgServer server(model.parameters);
    const auto receive = [&](const std::vector<std::byte>& message) {
        server.receive(participant(0), {1, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), std::runtime_error);
    CHECK_THROWS_AS(receive(encode_tensors({torch::ones({16, 16})})), std::runtime_error);
    Weights poisoned = clone_weights(model.parameters);
    poisoned[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(receive(encode_tensors(poisoned)), std::runtime_error);

    FedAvgClient client = client_of(model);
    receive(encode_tensors(start));
    std::vector<std::byte> broadcast = server.close({1, 1.0});
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, broadcast.size() - 1}) {
        CHECK_THROWS_AS(client.follow({1, 1.0}, std::span(broadcast).first(size)),
                        std::runtime_error);
    }
    broadcast[0] = std::byte{0};  // of no client
    CHECK_THROWS_AS(client.follow({1, 1.0}, broadcast), std::runtime_error);
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("a client whose weights overflow fails, and the model is as before") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    FedAvgClient client(model, first_order_trainer({.steps = 1, .learning_rate = 1e38}), 1);
    const auto update = client.train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("nobody in FedAvg keeps anything") {
    TrainableModel model = bigram_model();
    FedAvgClient client = client_of(model);
    FedAvgServer server(model.parameters);
    CHECK(client.state().empty());
    CHECK(server.state().empty());
    const std::vector<std::byte> other(3);
    CHECK_THROWS_AS(client.restore(other), std::runtime_error);
    CHECK_THROWS_AS(server.restore(other), std::runtime_error);
    CHECK_THROWS_AS(client.train(participant(0), {1, 1.0}, other, {}), std::runtime_error);
}
