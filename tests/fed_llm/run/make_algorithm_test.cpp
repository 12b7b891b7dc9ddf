#include "run/make_algorithm.hpp"

#include <ferret/error.hpp>

#include "federation/fed_avg.hpp"
#include "federation/fed_it.hpp"
#include "federation/fed_kseed.hpp"
#include "federation/fed_zo.hpp"
#include "federation/ferret.hpp"
#include "federation/ferret_public.hpp"
#include "federation/sparse_message.hpp"
#include "federation/tensor_message.hpp"
#include "federation/top_k.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"

using namespace fed_llm;

TEST_CASE("the options' algorithm is made, with their settings") {
    TrainableModel model = bigram_model();
    Options options;
    options.algorithm = "fedavg";
    CHECK(dynamic_cast<FedAvg*>(make_algorithm(options, model).get()) != nullptr);

    options.algorithm = "ferret";
    options.basis = "rademacher";
    options.budget = 30;
    options.budget_rule = "uniform";
    options.layout = "per-tensor";
    options.local_steps = 1;
    const auto algorithm = make_algorithm(options, model);
    REQUIRE(dynamic_cast<Ferret*>(algorithm.get()) != nullptr);
    const FederatedDataset dataset = random_dataset(1);
    const auto update = algorithm->client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    const ferret::Sketch sketch = ferret::decode(update.message);
    CHECK(sketch.basis == ferret::BasisId::rademacher);
    CHECK(sketch.bases_per_block == std::vector<std::uint32_t>{15, 15});
}

TEST_CASE("each name makes its algorithm, with the options' sizes") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    Options options;
    options.local_steps = 2;
    options.lr = 1e-3;
    options.pool_size = 50;
    options.budget = 20;
    options.layout = "per-tensor";
    const auto made = [&](const std::string& name) {
        options.algorithm = name;
        return make_algorithm(options, model);
    };
    const auto message = [&](const std::string& name) {
        return made(name)->client_update({0, dataset.clients[0]}, {1, 1.0}, {}).message;
    };
    CHECK(dynamic_cast<FedKSeed*>(made("fedkseed").get()) != nullptr);
    const auto slopes = decode_numbers(message("fedkseed"), 50, Repeats::refused, "test");
    CHECK(slopes.indices.size() <= 2);
    // Only Pro has a history in its state.
    CHECK(made("fedkseed-pro")->state().size() == 3 * made("fedkseed")->state().size());
    CHECK(dynamic_cast<FedZo*>(made("fedzo").get()) != nullptr);
    CHECK(message("fedzo").size() == encoded_size(model.parameters));
    CHECK(dynamic_cast<TopK*>(made("top-k").get()) != nullptr);
    CHECK(decode_numbers(message("top-k"), 272, Repeats::refused, "test").indices.size() == 20);
    CHECK(dynamic_cast<FerretPublic*>(made("ferret-public").get()) != nullptr);
    decode_numbers(message("ferret-public"), 50 + 16, Repeats::refused, "test");
    CHECK_THROWS_AS(made("ferrets"), std::invalid_argument);
}

TEST_CASE("FedIT has the options' rank, and the optimiser of its name") {
    TrainableModel model = trainable(tiny_model(tiny_config()));
    Options options;
    options.lora_rank = 2;
    options.optimizer = "adamw";
    Client client;
    client.examples.resize(1);
    client.examples[0].tokens = {1, 2, 3, 4};
    client.examples[0].prompt_length = 1;
    std::vector<std::vector<std::byte>> messages;
    for (const std::string name : {"fedit", "fedit-sgd"}) {
        options.algorithm = name;
        const auto algorithm = make_algorithm(options, model);
        auto* const fed_it = dynamic_cast<FedIt*>(algorithm.get());
        REQUIRE(fed_it != nullptr);
        CHECK(fed_it->adapters().parameters()[0].size(0) == 2);
        messages.push_back(algorithm->client_update({0, client}, {1, 1.0}, {}).message);
    }
    CHECK(messages[0].size() == messages[1].size());
    CHECK((messages[0] != messages[1]));
}

TEST_CASE("a budget that the model cannot take is refused") {
    TrainableModel model = bigram_model();
    Options options;
    options.budget = 1;
    CHECK_THROWS_AS(make_algorithm(options, model), ferret::InvalidBudget);
}
