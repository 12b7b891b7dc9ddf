#include "federation/federation.hpp"

#include <stdexcept>

#include "federation/client_sampling.hpp"
#include "federation/fed_avg.hpp"
#include "federation/tensor_message.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

constexpr LocalTraining training{.steps = 4, .batch_size = 2};
constexpr FederationSettings settings{.rounds = 5, .clients_per_round = 3, .seed = 9};

void ignore(const Progress&) {}

/// Gives a loss that is not finite for examples that begin with one of these tokens.
TrainableModel failing_for(std::int64_t marker) {
    TrainableModel model = bigram_model();
    model.loss = [loss = model.loss, marker](std::span<const Example> batch) {
        torch::Tensor result = loss(batch);
        if (batch[0].tokens[0] == marker) result = result / 0.0;
        return result;
    };
    return model;
}

void mark(Client& client, std::int64_t marker) {
    for (Example& example : client.examples) example.tokens[0] = marker;
}

}  // namespace

TEST_CASE("a round is recorded") {
    const FederatedDataset dataset = random_dataset(6);
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 9);
    Federation federation(model, dataset, algorithm, settings);
    const RoundRecord before = federation.before(ignore);
    CHECK(before.round == 0);
    CHECK(before.test_loss == doctest::Approx(bigram_model().mean_loss(dataset.test)));
    CHECK(before.clients.empty());

    const RoundRecord record = federation.run_round(1, ignore);
    CHECK(record.round == 1);
    CHECK(record.server_rate == 1.0);
    CHECK(record.test_loss == doctest::Approx(model.mean_loss(dataset.test)));
    CHECK(record.bytes_down == encoded_size(model.parameters));
    REQUIRE(record.clients.size() == 3);
    const auto sampled = sample_clients(6, 3, 9, 1);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(record.clients[i].name == dataset.clients[sampled[i]].name);
        CHECK(record.clients[i].bytes_up == encoded_size(model.parameters));
        CHECK(record.clients[i].failure.empty());
        CHECK(record.clients[i].training_seconds > 0.0);
    }
}

TEST_CASE("runs repeat bit for bit") {
    const FederatedDataset dataset = random_dataset(6);
    const auto run = [&] {
        TrainableModel model = bigram_model();
        FedAvg algorithm(model, training, 9);
        Federation federation(model, dataset, algorithm, settings);
        for (std::int64_t round = 1; round <= 5; ++round) federation.run_round(round, ignore);
        return clone_weights(model.parameters);
    };
    CHECK(same_bits(run(), run()));
}

TEST_CASE("a client whose loss is not finite is left out") {
    FederatedDataset dataset = random_dataset(3);
    mark(dataset.clients[0], 3);
    mark(dataset.clients[1], 5);
    mark(dataset.clients[2], 7);
    FederatedDataset without = dataset;
    without.clients.erase(without.clients.begin() + 2);

    TrainableModel model = failing_for(7);
    FedAvg algorithm(model, training, 9);
    Federation federation(model, dataset, algorithm, settings);
    const RoundRecord record = federation.run_round(1, ignore);
    REQUIRE(record.clients.size() == 3);
    CHECK(record.clients[1].failure.empty());
    CHECK_FALSE(record.clients[2].failure.empty());
    CHECK(record.clients[2].bytes_up == 0);

    TrainableModel expected = bigram_model();
    FedAvg other(expected, training, 9);
    FederationSettings two = settings;
    two.clients_per_round = 2;
    Federation(expected, without, other, two).run_round(1, ignore);
    CHECK(same_bits(model.parameters, expected.parameters));
}

TEST_CASE("a round without any finite update ends the run") {
    FederatedDataset dataset = random_dataset(3);
    for (Client& client : dataset.clients) mark(client, 7);
    TrainableModel model = failing_for(7);
    FedAvg algorithm(model, training, 9);
    Federation federation(model, dataset, algorithm, settings);
    const Weights start = clone_weights(model.parameters);
    CHECK_THROWS_AS(federation.run_round(1, ignore), AllClientsFailed);
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("progress is told, and what the observer throws ends the round") {
    const FederatedDataset dataset = random_dataset(6);
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 9);
    Federation federation(model, dataset, algorithm, settings);
    std::vector<Progress> told;
    federation.run_round(1, [&](const Progress& progress) { told.push_back(progress); });
    // Four steps of three clients, aggregation, one slice of evaluation.
    REQUIRE(told.size() == 14);
    CHECK(told[11].client == 3);
    CHECK(told[11].done == 4);
    CHECK(told[11].total == 4);
    CHECK(told[12].phase == Progress::Phase::aggregation);
    CHECK(told[13].phase == Progress::Phase::evaluation);
    CHECK(told[13].done == 6);
    CHECK_THROWS_WITH(
        federation.run_round(2, [](const Progress&) { throw std::runtime_error("stop"); }), "stop");
}

TEST_CASE("a federation needs enough clients and a test set") {
    FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    FedAvg algorithm(model, training, 9);
    CHECK_THROWS_AS(Federation(model, dataset, algorithm, settings), std::invalid_argument);
    dataset = random_dataset(3);
    dataset.test.clear();
    CHECK_THROWS_AS(Federation(model, dataset, algorithm, settings), std::invalid_argument);
}
