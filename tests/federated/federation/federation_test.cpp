#include "federated/federation/federation.hpp"

#include <stdexcept>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/algorithm/top_k.hpp"
#include "federated/federation/client_sampling.hpp"
#include "federated/message/round_message.hpp"
#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 4, .batch_size = 2};
constexpr FederationSettings settings{.rounds = 5, .clients_per_round = 3, .seed = 9};

void ignore(const Progress&) {}

std::vector<ClientInfo> six_clients() {
    std::vector<ClientInfo> clients;
    for (int i = 0; i < 6; ++i) clients.push_back({"client" + std::to_string(i), 5});
    return clients;
}

/// A federation in this process.
template <class ClientRole, class ServerRole>
struct FederationHere {
    FederationHere(TrainableModel made, std::vector<ClientInfo> clients,
                   const FederationSettings& chosen, const auto& make_client,
                   const auto& make_server)
        : model(std::move(made)),
          client(make_client(model)),
          server(make_server(model)),
          rounds({.model = model,
                  .clients = std::move(clients),
                  .evaluate =
                      [this](std::int64_t round, const ProgressObserver& observe) {
                          observe({.phase = Progress::Phase::evaluation, .round = round});
                          return std::vector<Metric>{{"test_loss", mean_loss(model, 6)}};
                      },
                  .client = client,
                  .server = &server,
                  .processes = process},
                 chosen) {}

    TrainableModel model;
    ClientRole client;
    ServerRole server;
    InProcess process;
    Federation rounds;
};

struct FedAvgFederation : FederationHere<FedAvgClient, FedAvgServer> {
    explicit FedAvgFederation(TrainableModel made, std::vector<ClientInfo> clients = six_clients(),
                              const FederationSettings& chosen = settings)
        : FederationHere(
              std::move(made), std::move(clients), chosen,
              [](TrainableModel& of) { return FedAvgClient(of, first_order_trainer(training), 9); },
              [](TrainableModel& of) { return FedAvgServer(of.parameters); }) {}
};

struct TopKFederation : FederationHere<TopKClient, TopKServer> {
    TopKFederation()
        : FederationHere(
              bigram_model(), six_clients(), settings,
              [](TrainableModel& of) {
                  return TopKClient(of, first_order_trainer(training), 9,
                                    TopKSettings{.budget = 20});
              },
              [](TrainableModel&) { return TopKServer(272, {.budget = 20}); }) {}
};

/// Gives a loss that is not finite for these clients.
TrainableModel failing_for(std::vector<std::uint64_t> clients) {
    TrainableModel model = bigram_model();
    model.loss = [loss = model.loss, clients](const Batch& batch) {
        torch::Tensor result = loss(batch);
        for (const std::uint64_t client : clients) {
            if (batch.client == client) result = result / 0.0;
        }
        return result;
    };
    return model;
}

std::vector<ClientInfo> three_clients() {
    std::vector<ClientInfo> clients = six_clients();
    clients.resize(3);
    return clients;
}

}  // namespace

TEST_CASE("a round is recorded") {
    FedAvgFederation federation(bigram_model());
    const RoundRecord before = federation.rounds.before(ignore);
    CHECK(before.round == 0);
    REQUIRE(before.metrics.size() == 1);
    CHECK(before.metrics[0] == Metric{"test_loss", mean_loss(bigram_model(), 6)});
    CHECK(before.clients.empty());

    const RoundRecord record = federation.rounds.run_round(1, ignore);
    CHECK(record.round == 1);
    CHECK(record.server_rate == 1.0);
    REQUIRE(record.metrics.size() == 1);
    CHECK(record.metrics[0].value == mean_loss(federation.model, 6));
    const std::size_t model_size = encoded_size(federation.model.parameters);
    // Eight bytes for the number of clients.
    CHECK(record.bytes_down == broadcast_header_size + 8 + model_size + seal_size);
    CHECK(record.bytes_between_processes == 0);
    REQUIRE(record.clients.size() == 3);
    const auto sampled = sample_clients(6, 3, 9, 1);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(record.clients[i].name == "client" + std::to_string(sampled[i]));
        CHECK(record.clients[i].bytes_up == update_header_size + model_size);
        CHECK(record.clients[i].failure.empty());
        CHECK(record.clients[i].training_seconds > 0.0);
    }
}

TEST_CASE("runs repeat bit for bit") {
    const auto run = [] {
        FedAvgFederation federation(bigram_model());
        for (std::int64_t round = 1; round <= 5; ++round) {
            federation.rounds.run_round(round, ignore);
        }
        return clone_weights(federation.model.parameters);
    };
    CHECK(same_bits(run(), run()));
}

TEST_CASE("a client whose loss is not finite is left out") {
    FedAvgFederation federation(failing_for({2}), three_clients());
    const RoundRecord record = federation.rounds.run_round(1, ignore);
    REQUIRE(record.clients.size() == 3);
    CHECK(record.clients[1].failure.empty());
    CHECK_FALSE(record.clients[2].failure.empty());
    CHECK(record.clients[2].bytes_up == 0);

    std::vector<ClientInfo> two = three_clients();
    two.resize(2);
    FederationSettings both = settings;
    both.clients_per_round = 2;
    FedAvgFederation without(bigram_model(), two, both);
    without.rounds.run_round(1, ignore);
    CHECK(same_bits(federation.model.parameters, without.model.parameters));
}

TEST_CASE("a round without any finite update ends the run") {
    FedAvgFederation federation(failing_for({0, 1, 2}), three_clients());
    const Weights start = clone_weights(federation.model.parameters);
    CHECK_THROWS_AS(federation.rounds.run_round(1, ignore), AllClientsFailed);
    CHECK(same_bits(federation.model.parameters, start));
}

TEST_CASE("progress is told, and what the observer throws ends the round") {
    FedAvgFederation federation(bigram_model());
    std::vector<Progress> told;
    federation.rounds.run_round(1, [&](const Progress& progress) { told.push_back(progress); });
    // Four steps of three clients, aggregation, evaluation.
    REQUIRE(told.size() == 14);
    CHECK(told[11].client == 3);
    CHECK(told[11].done == 4);
    CHECK(told[11].total == 4);
    CHECK(told[12].phase == Progress::Phase::aggregation);
    CHECK(told[13].phase == Progress::Phase::evaluation);
    CHECK_THROWS_WITH(
        federation.rounds.run_round(2, [](const Progress&) { throw std::runtime_error("stop"); }),
        "stop");
}

TEST_CASE("a federation needs enough clients") {
    std::vector<ClientInfo> two = three_clients();
    two.resize(2);
    CHECK_THROWS_AS(FedAvgFederation(bigram_model(), two), std::invalid_argument);
}

TEST_CASE("what clients keep comes back to them, and goes through a checkpoint") {
    TopKFederation whole;
    for (int round = 1; round <= 4; ++round) whole.rounds.run_round(round, ignore);
    TopKFederation first;
    for (int round = 1; round <= 2; ++round) first.rounds.run_round(round, ignore);
    TopKFederation second;
    assign_weights(second.model.parameters, first.model.parameters);
    const std::vector<std::byte> state = first.rounds.state();
    second.rounds.restore(state);
    for (int round = 3; round <= 4; ++round) second.rounds.run_round(round, ignore);
    CHECK(same_bits(second.model.parameters, whole.model.parameters));
    CHECK((second.rounds.state() == whole.rounds.state()));
    for (std::size_t size = 0; size < state.size(); size += 7) {
        CHECK_THROWS_AS(second.rounds.restore(std::span(state).first(size)), std::runtime_error);
    }
}
