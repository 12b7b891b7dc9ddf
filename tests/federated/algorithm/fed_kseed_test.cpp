#include "federated/algorithm/fed_kseed.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr ZerothOrder training{
    .steps = 20, .examples = 5, .perturbation = 1e-2, .learning_rate = 0.05};
constexpr std::uint32_t pool = 64;
constexpr std::uint64_t seed = 11;

Roles roles_of(TrainableModel& model, const SeedPool& of_pool,
               const ZerothOrder& steps = training) {
    return {std::make_unique<FedKSeedClient>(model, steps, of_pool),
            std::make_unique<FedKSeedServer>(of_pool, steps.steps)};
}

Roles make(TrainableModel& model, SeedSampling sampling) {
    return roles_of(model, {pool, sampling, seed});
}

constexpr auto both = {SeedSampling::uniform, SeedSampling::important};

/// Gives no loss where the first bias has been moved up by more than 0.01.
TrainableModel blind_above() {
    TrainableModel model = bigram_model();
    const double bias = model.parameters[1][0].item<double>();
    model.mean_loss = [mean_loss = model.mean_loss, first = model.parameters[1],
                       bias](const Batch& batch) {
        if (first[0].item<double>() > bias + 0.01) return std::nan("");
        return mean_loss(batch);
    };
    return model;
}

}  // namespace

TEST_CASE("FedKSeed lowers the loss, and so does Pro") {
    for (const auto sampling : both) {
        TrainableModel model = bigram_model();
        Roles roles = make(model, sampling);
        const double before = mean_loss(model, 3);
        for (int round = 1; round <= 10; ++round) play_round(roles, 3, {round, 1.0});
        CHECK(mean_loss(model, 3) < before - 0.1);
    }
}

TEST_CASE("a client walks along slopes that fit the gradient") {
    TrainableModel model = bigram_model();
    ZerothOrder one = training;
    one.steps = 1;
    Roles roles = roles_of(model, {pool, SeedSampling::uniform, seed}, one);
    const auto update = roles.client->train(participant(0), {1, 1.0}, {}, {});
    const auto numbers = decode_numbers(update.message, pool, Repeats::refused, "test");
    REQUIRE(numbers.indices.size() == 1);
    CHECK(update.training_loss == doctest::Approx(model.mean_loss(all_of(0))).epsilon(1e-3));

    model.loss(all_of(0)).backward();
    TrainableModel direction = bigram_model();
    for (auto& tensor : direction.parameters) tensor.detach().zero_();
    RandomDirections(direction).walk({seed, 0}, numbers.indices[0], 1.0);
    double slope = 0.0;
    for (std::size_t i = 0; i < 2; ++i) {
        slope += (direction.parameters[i] * model.parameters[i].grad()).sum().item<double>();
    }
    // Two losses near 3, of ten roundings each, over 2 eps: 1.2e-4. The third derivative, of a few
    // units, adds eps^2 / 6 times as much.
    CHECK(std::abs(static_cast<double>(numbers.values[0]) - slope) < 5e-4);
}

TEST_CASE(
    "FedKSeed's model is the first one minus the rebuilt pool, and messages its only source") {
    TrainableModel model = bigram_model();
    Weights expected = clone_weights(model.parameters);
    Roles roles = make(model, SeedSampling::uniform);
    std::vector<float> accumulated(pool, 0.0f);
    for (int round = 1; round <= 3; ++round) {
        const RoundResult result = play_round(roles, 3, {round, 0.5});
        std::vector<double> sums(pool, 0.0);
        for (const auto& message : result.messages) {
            const auto numbers = decode_numbers(message, pool, Repeats::refused, "test");
            for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
                sums[numbers.indices[i]] += static_cast<double>(numbers.values[i]);
            }
        }
        for (std::size_t k = 0; k < pool; ++k) {
            accumulated[k] += 0.5f * static_cast<float>(sums[k] / 3.0);
        }
    }
    const ferret::Layout layout = ferret::Layout::uniform({256, 16}, 272);
    const ferret::Sketch sketch{.seed = {seed, 0},
                                .basis = ferret::Gaussian::id,
                                .layout_fingerprint = layout.fingerprint(),
                                .bases_per_block = {pool},
                                .coordinates = accumulated};
    Reconstructor(layout, ferret::Gaussian{})(sketch, expected,
                                              -static_cast<float>(training.learning_rate));
    CHECK(same_bits(model.parameters, expected));
}

TEST_CASE("who joins late has the same bits from the pool's numbers alone") {
    for (const auto sampling : both) {
        TrainableModel model = bigram_model();
        FedKSeedServer server({pool, sampling, seed}, training.steps);
        FedKSeedClient client(model, training, {pool, sampling, seed});
        for (int round = 1; round <= 3; ++round) {
            const Round now{round, 1.0};
            for (std::uint64_t id = 0; id < 2; ++id) {
                server.receive(participant(id), now,
                               client.train(participant(id), now, {}, {}).message);
            }
            client.follow(now, server.close(now));
        }
        TrainableModel late = bigram_model();
        FedKSeedClient joined(late, training, {pool, sampling, seed});
        joined.catch_up(server.catch_up());
        CHECK(same_bits(late.parameters, model.parameters));
        CHECK(server.catch_up().size() == encoded_numbers_size(pool));
        CHECK_THROWS_AS(joined.catch_up({}), std::runtime_error);
    }
}

TEST_CASE("messages of FedKSeed hold the sums by direction, those of Pro every step") {
    TrainableModel model = bigram_model();
    ZerothOrder short_walk = training;
    short_walk.steps = 8;
    const auto message = [&](std::uint32_t pool_size, SeedSampling sampling) {
        Roles roles = roles_of(model, {pool_size, sampling, seed}, short_walk);
        return roles.client->train(participant(0), {1, 1.0}, {}, {}).message;
    };
    const auto steps =
        decode_numbers(message(4, SeedSampling::important), 4, Repeats::allowed, "test");
    CHECK(steps.indices.size() == 8);

    const auto plain = message(250, SeedSampling::uniform);
    const auto sums = decode_numbers(plain, 250, Repeats::refused, "test");
    CHECK(plain.size() == 32 + 6 * sums.indices.size());
    CHECK(sums.indices.size() <= 8);

    // Eight steps over four directions: more numbers than the pool has, so it travels whole.
    CHECK(message(4, SeedSampling::uniform).size() == encoded_numbers_size(4));
}

TEST_CASE("down travel the numbers that changed, and Pro's probabilities") {
    for (const auto sampling : both) {
        TrainableModel model = bigram_model();
        ZerothOrder short_walk = training;
        short_walk.steps = 3;
        Roles roles = roles_of(model, {pool, sampling, seed}, short_walk);
        const RoundResult result = play_round(roles, 2, {1, 1.0});
        std::vector<bool> named(pool, false);
        for (const auto& message : result.messages) {
            for (const auto k : decode_numbers(message, pool, Repeats::allowed, "test").indices) {
                named[k] = true;
            }
        }
        const auto count = static_cast<std::size_t>(std::count(named.begin(), named.end(), true));
        const std::size_t changed = 32 + 6 * count;
        const bool pro = sampling == SeedSampling::important;
        CHECK(result.broadcast.size() == changed + (pro ? encoded_numbers_size(pool) : 0));
    }
}

TEST_CASE("a broadcast that is cheaper whole leaves what did not change as it was") {
    TrainableModel model = bigram_model();
    FedKSeedServer server({8, SeedSampling::uniform, seed}, 20);
    FedKSeedClient client(model, training, {8, SeedSampling::uniform, seed});
    const auto play = [&](std::int64_t round, std::vector<std::uint32_t> ks) {
        std::vector<float> values(ks.size(), 0.25f);
        server.receive(participant(0), {round, 1.0},
                       encode_numbers({.size = 8, .indices = ks, .values = values}));
        client.follow({round, 1.0}, server.close({round, 1.0}));
    };
    play(1, {7});
    play(2, {0, 1, 2, 3, 4, 5});
    CHECK((client.state() == server.state()));
    CHECK((client.state() ==
           encode_numbers(std::vector{0.25f, 0.25f, 0.25f, 0.25f, 0.25f, 0.25f, 0.0f, 0.25f})));
}

TEST_CASE("Pro draws directions with large slopes more often") {
    TrainableModel model = bigram_model();
    ZerothOrder long_walk = training;
    long_walk.steps = 1000;
    Roles roles = roles_of(model, {4, SeedSampling::important, seed}, long_walk);
    const SparseNumbers history{.size = 4, .indices = {2, 2}, .values = {50.0f, 50.0f}};
    roles.server->receive(participant(0), {1, 1e-6}, encode_numbers(history));
    roles.client->follow({1, 1e-6}, roles.server->close({1, 1e-6}));
    const auto update = roles.client->train(participant(0), {2, 1.0}, {}, {});
    const auto drawn = decode_numbers(update.message, 4, Repeats::allowed, "test").indices;
    const auto count = static_cast<double>(std::count(drawn.begin(), drawn.end(), 2u));
    const double p = std::exp(1.0) / (std::exp(1.0) + 3.0);
    // Five standard deviations of a binomial count.
    CHECK(std::abs(count - 1000.0 * p) < 5.0 * std::sqrt(1000.0 * p * (1.0 - p)));
}

TEST_CASE("steps without a finite loss are skipped, and clients without a step fail") {
    TrainableModel model = blind_above();
    const Weights start = clone_weights(model.parameters);
    // That happens where the direction's entry is outside +-1: to a third of all steps.
    ZerothOrder slow = training;
    slow.learning_rate = 1e-6;
    Roles roles = roles_of(model, {pool, SeedSampling::important, seed}, slow);
    const auto update = roles.client->train(participant(0), {1, 1.0}, {}, {});
    const auto numbers = decode_numbers(update.message, pool, Repeats::allowed, "test");
    CHECK(numbers.indices.size() > 0);
    CHECK(numbers.indices.size() < 20);
    CHECK(std::isfinite(update.training_loss));
    CHECK(same_bits(model.parameters, start));

    model.mean_loss = [](const Batch&) { return std::nan(""); };
    const auto failed = roles.client->train(participant(0), {1, 1.0}, {}, {});
    CHECK(failed.failure == "none of its steps has a finite slope");
    CHECK(failed.message.empty());
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("FedKSeed and Pro resume to the same bits") {
    for (const auto sampling : both) {
        expect_same_bits_when_resumed([] { return bigram_model(); },
                                      [&](TrainableModel& model) { return make(model, sampling); });
    }
}

TEST_CASE("FedKSeed refuses states, messages and broadcasts that are not its own") {
    const auto receive = [](Roles& roles, const std::vector<std::byte>& message) {
        roles.server->receive(participant(0), {1, 1.0}, message);
    };
    TrainableModel model = bigram_model();
    for (const auto sampling : both) {
        Roles roles = make(model, sampling);
        const auto server = roles.server->state();
        const auto client = roles.client->state();
        for (std::size_t size = 0; size < server.size(); ++size) {
            CHECK_THROWS_AS(roles.server->restore(std::span(server).first(size)),
                            std::runtime_error);
        }
        for (std::size_t size = 0; size < client.size(); ++size) {
            CHECK_THROWS_AS(roles.client->restore(std::span(client).first(size)),
                            std::runtime_error);
        }
        CHECK_THROWS_AS(receive(roles, {}), std::runtime_error);
        CHECK_THROWS_AS(receive(roles, encode_numbers({pool, {}, {}})), std::runtime_error);
        CHECK_THROWS_AS(receive(roles, encode_numbers({pool + 1, {1}, {1.0f}})),
                        std::runtime_error);
        SparseNumbers many{pool, {}, {}};
        for (std::uint32_t k = 0; k < 21; ++k) {
            many.indices.push_back(k);
            many.values.push_back(1.0f);
        }
        CHECK_THROWS_WITH_AS(receive(roles, encode_numbers(many)),
                             "FedKSeed message: expected 1 to 20 slopes, got 21",
                             std::runtime_error);
        CHECK_THROWS_AS(roles.server->close({1, 1.0}), std::logic_error);

        const RoundResult result = play_round(roles, 2, {1, 1.0});
        const Weights after = clone_weights(model.parameters);
        for (std::size_t size = 0; size < result.broadcast.size(); ++size) {
            CHECK_THROWS_AS(roles.client->follow({2, 1.0}, std::span(result.broadcast).first(size)),
                            std::runtime_error);
        }
        CHECK(same_bits(model.parameters, after));
    }
    Roles plain = make(model, SeedSampling::uniform);
    CHECK_THROWS_AS(receive(plain, encode_numbers({pool, {1, 1}, {1.0f, 1.0f}})),
                    std::runtime_error);
    CHECK_THROWS_WITH_AS(
        receive(plain, encode_numbers(std::vector<float>(pool, 1.0f))),
        ("FedKSeed message: expected 1 to 20 slopes, got " + std::to_string(pool)).c_str(),
        std::runtime_error);
}

TEST_CASE("Pro takes a message that travelled whole, and learns of the directions walked alone") {
    FedKSeedServer server({4, SeedSampling::important, seed}, 3);
    const auto message =
        encode_numbers({.size = 4, .indices = {0, 1, 2}, .values = {3.0f, 5.0f, 3.0f}});
    REQUIRE(message.size() == encoded_numbers_size(4));
    server.receive(participant(0), {1, 1e-6}, message);
    server.close({1, 1e-6});
    const auto state = server.state();
    const auto sums = std::span(state).subspan(encoded_numbers_size(4), encoded_numbers_size(4));
    const auto counts = std::span(state).subspan(2 * encoded_numbers_size(4));
    CHECK(decode_all_numbers(sums, 4, "test") == std::vector{3.0f, 5.0f, 3.0f, 0.0f});
    CHECK(decode_all_numbers(counts, 4, "test") == std::vector{1.0f, 1.0f, 1.0f, 0.0f});
}

TEST_CASE("FedKSeed refuses pools the model has not") {
    TrainableModel model = bigram_model();
    for (const std::uint32_t size : {0u, 273u}) {
        CHECK_THROWS_AS(FedKSeedClient(model, training, {size, SeedSampling::uniform, seed}),
                        ferret::InvalidBudget);
    }
}
