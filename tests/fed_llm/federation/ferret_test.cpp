#include "federation/ferret.hpp"

#include <ferret/interop/torch.hpp>
#include <stdexcept>

#include "federation/fed_avg.hpp"
#include "federation/model_layout.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/play_round.hpp"

using namespace fed_llm;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::uint64_t parameters = 16 * 16 + 16;

FerretSettings settings_for(const TrainableModel& model, const std::string& basis,
                            const std::string& rule, std::uint64_t budget) {
    return {.layout = make_layout(model, "per-tensor", 1),
            .basis = ferret::parse_basis(basis),
            .budget = ferret::parse_budget_rule(rule, budget)};
}

}  // namespace

TEST_CASE("with as many sparse-sign bases as parameters Ferret is FedAvg") {
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel averaged = bigram_model();
    FedAvg fed_avg(averaged, training, 5);
    play_round(fed_avg, dataset, {1, 0.7});
    for (const auto sharing : {SeedSharing::shared, SeedSharing::per_client}) {
        TrainableModel model = bigram_model();
        FerretSettings settings = settings_for(model, "sparse-sign", "proportional", parameters);
        settings.sharing = sharing;
        Ferret algorithm(model, training, 5, settings);
        play_round(algorithm, dataset, {1, 0.7});
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            // Each basis then holds one entry, so only a few float roundings of entries below 1
            // are left.
            CHECK(torch::allclose(model.parameters[i], averaged.parameters[i], 0.0, 1e-6));
        }
    }
}

TEST_CASE("the model takes the step that the messages describe") {
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel model = bigram_model();
    FerretSettings settings = settings_for(model, "truncated-normal", "norm-share", 40);
    settings.sharing = SeedSharing::per_client;
    Ferret algorithm(model, training, 5, settings);
    Weights expected = clone_weights(model.parameters);
    const RoundResult result = play_round(algorithm, dataset, {1, 0.5});

    std::vector<ferret::Sketch> sketches;
    for (const auto& message : result.messages) sketches.push_back(ferret::decode(message));
    const ferret::Reconstructor<> reconstruct(settings.layout, settings.basis);
    reconstruct(std::span<const ferret::Sketch>(sketches), expected, -0.5f / 3.0f);
    CHECK(same_bits(model.parameters, expected));
}

TEST_CASE("with shared seeds one sketch travels down, and the model follows its bytes") {
    const FederatedDataset dataset = random_dataset(3);
    for (const auto format : {ferret::CoordinateFormat::float32, ferret::CoordinateFormat::int16}) {
        TrainableModel model = bigram_model();
        FerretSettings settings = settings_for(model, "rademacher", "uniform", 40);
        settings.format = format;
        Ferret algorithm(model, training, 5, settings);
        Weights expected = clone_weights(model.parameters);
        const RoundResult result = play_round(algorithm, dataset, {1, 0.5});
        CHECK(result.bytes_down == result.messages[0].size());

        std::vector<ferret::Sketch> sketches;
        for (const auto& message : result.messages) sketches.push_back(ferret::decode(message));
        ferret::Sketch mean = ferret::sum(sketches);
        mean.scale(1.0f / 3.0f);
        const ferret::Reconstructor<> reconstruct(settings.layout, settings.basis);
        reconstruct(ferret::decode(ferret::encode(mean, format)), expected, -0.5f);
        CHECK(same_bits(model.parameters, expected));
    }
}

TEST_CASE("sketches over other bases travel down one by one") {
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel model = bigram_model();
    FerretSettings settings = settings_for(model, "gaussian", "norm-share", 40);
    settings.sharing = SeedSharing::per_client;
    Ferret algorithm(model, training, 5, settings);
    const RoundResult result = play_round(algorithm, dataset, {1, 0.5});
    std::size_t up = 0;
    for (const auto& message : result.messages) up += message.size();
    CHECK(result.bytes_down == up);
}

TEST_CASE("sketches with other numbers of bases add, unless they are sparse-sign") {
    for (const std::string basis : {"rademacher", "sparse-sign"}) {
        TrainableModel model = bigram_model();
        const FerretSettings settings = settings_for(model, basis, "uniform", 24);
        Ferret algorithm(model, training, 5, settings);
        Weights expected = clone_weights(model.parameters);
        std::vector<ferret::Sketch> sketches;
        std::size_t up = 0;
        for (const std::string rule : {"uniform", "proportional"}) {
            const ferret::Projector<> project(settings.layout, settings.basis,
                                              ferret::parse_budget_rule(rule, 24));
            sketches.push_back(project(model.parameters, ferret::Seed{5, 1}));
            const auto message = ferret::encode(sketches.back());
            algorithm.receive(message);
            up += message.size();
        }
        REQUIRE(sketches[0].bases_per_block != sketches[1].bases_per_block);
        const std::size_t bytes_down = algorithm.aggregate({1, 1.0});
        if (basis == "rademacher") {
            CHECK(bytes_down == ferret::encode(ferret::sum(sketches)).size());
        } else {
            CHECK(bytes_down == up);
        }
        const ferret::Reconstructor<> reconstruct(settings.layout, settings.basis);
        reconstruct(std::span<const ferret::Sketch>(sketches), expected, -0.5f);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            // The same step either way, up to float roundings of entries below 10.
            CHECK(torch::allclose(model.parameters[i], expected[i], 0.0, 1e-5));
        }
    }
}

TEST_CASE("seeds are shared or not, and fresh or not") {
    const FederatedDataset dataset = random_dataset(2);
    const auto seed = [&](SeedSharing sharing, SeedRefresh refresh, std::int64_t round,
                          std::uint64_t id) {
        TrainableModel model = bigram_model();
        FerretSettings settings = settings_for(model, "rademacher", "uniform", 40);
        settings.sharing = sharing;
        settings.refresh = refresh;
        Ferret algorithm(model, training, 5, settings);
        const auto update = algorithm.client_update({id, dataset.clients[id]}, {round, 1.0}, {});
        return ferret::decode(update.message).seed;
    };
    using enum SeedSharing;
    using enum SeedRefresh;
    CHECK(seed(shared, each_round, 1, 0) == seed(shared, each_round, 1, 1));
    CHECK(seed(shared, each_round, 1, 0) != seed(shared, each_round, 2, 0));
    CHECK(seed(shared, fixed, 1, 0) == seed(shared, fixed, 2, 1));
    CHECK(seed(per_client, each_round, 1, 0) != seed(per_client, each_round, 1, 1));
    CHECK(seed(per_client, each_round, 1, 0) != seed(per_client, each_round, 2, 0));
    CHECK(seed(per_client, fixed, 1, 0) == seed(per_client, fixed, 2, 0));
    CHECK(seed(per_client, fixed, 1, 0) != seed(per_client, fixed, 1, 1));
}

TEST_CASE("messages no client can have sent are refused") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    Ferret algorithm(model, training, 5, settings_for(model, "rademacher", "uniform", 40));
    CHECK_THROWS_AS(algorithm.receive({}), ferret::WireError);
    CHECK_THROWS_AS(algorithm.aggregate({1, 1.0}), std::logic_error);

    FerretSettings grouped = settings_for(model, "rademacher", "uniform", 40);
    grouped.layout = ferret::Layout::uniform({256, 16}, 100);
    Ferret other(model, training, 5, grouped);
    const auto update = other.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK_THROWS_AS(algorithm.receive(update.message), ferret::LayoutMismatch);

    const auto message_of = [&](const std::string& basis, std::uint64_t budget) {
        Ferret client(model, training, 5, settings_for(model, basis, "uniform", budget));
        return client.client_update({0, dataset.clients[0]}, {1, 1.0}, {}).message;
    };
    CHECK_THROWS_WITH_AS(algorithm.receive(message_of("gaussian", 40)),
                         "Ferret message: expected basis rademacher, got gaussian",
                         ferret::SketchMismatch);
    CHECK_THROWS_WITH_AS(algorithm.receive(message_of("rademacher", 41)),
                         "Ferret message: expected 40 coordinates, got 41", ferret::SketchMismatch);
    // Bases of another round's seed, where all share one.
    algorithm.receive(message_of("rademacher", 40));
    CHECK_THROWS_AS(algorithm.aggregate({2, 1.0}), ferret::SketchMismatch);
}

TEST_CASE("names of seeds") {
    CHECK(parse_seed_sharing("per-client") == SeedSharing::per_client);
    CHECK(parse_seed_refresh("fixed") == SeedRefresh::fixed);
    CHECK_THROWS_AS(parse_seed_sharing("own"), std::invalid_argument);
    CHECK_THROWS_AS(parse_seed_refresh("never"), std::invalid_argument);
}
