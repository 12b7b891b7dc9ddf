#include "federation/fed_kseed.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/interop/torch.hpp>
#include <stdexcept>

#include "federation/training_client.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/play_round.hpp"
#include "support/resumed.hpp"

using namespace fed_llm;

namespace {

constexpr ZerothOrder training{
    .steps = 20, .examples = 5, .perturbation = 1e-2, .learning_rate = 0.05};
constexpr std::uint32_t pool = 64;
constexpr std::uint64_t seed = 11;

std::unique_ptr<FedKSeed> make(TrainableModel& model, SeedSampling sampling) {
    return std::make_unique<FedKSeed>(model, training, pool, sampling, seed);
}

std::vector<Example> all_examples(const FederatedDataset& dataset) {
    std::vector<Example> all;
    for (const Client& client : dataset.clients) {
        all.insert(all.end(), client.examples.begin(), client.examples.end());
    }
    return all;
}

/// Gives no loss where the first bias has been moved up by more than 0.01.
TrainableModel blind_above() {
    TrainableModel model = bigram_model();
    const double bias = model.parameters[1][0].item<double>();
    model.mean_loss = [mean_loss = model.mean_loss, first = model.parameters[1],
                       bias](std::span<const Example> examples) {
        if (first[0].item<double>() > bias + 0.01) return std::nan("");
        return mean_loss(examples);
    };
    return model;
}

}  // namespace

TEST_CASE("FedKSeed lowers the loss, and so does Pro") {
    const FederatedDataset dataset = random_dataset(3);
    const auto all = all_examples(dataset);
    for (const auto sampling : {SeedSampling::uniform, SeedSampling::important}) {
        TrainableModel model = bigram_model();
        const auto algorithm = make(model, sampling);
        const double before = model.mean_loss(all);
        for (int round = 1; round <= 10; ++round) play_round(*algorithm, dataset, {round, 1.0});
        CHECK(model.mean_loss(all) < before - 0.1);
    }
}

TEST_CASE("a client walks along slopes that fit the gradient") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    ZerothOrder one = training;
    one.steps = 1;
    FedKSeed algorithm(model, one, pool, SeedSampling::uniform, seed);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    const auto numbers = decode_numbers(update.message, pool, Repeats::refused, "test");
    REQUIRE(numbers.indices.size() == 1);
    CHECK(update.training_loss ==
          doctest::Approx(model.mean_loss(dataset.clients[0].examples)).epsilon(1e-3));

    model.loss(dataset.clients[0].examples).backward();
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
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel model = bigram_model();
    Weights expected = clone_weights(model.parameters);
    const auto algorithm = make(model, SeedSampling::uniform);
    std::vector<float> accumulated(pool, 0.0f);
    for (int round = 1; round <= 3; ++round) {
        const RoundResult result = play_round(*algorithm, dataset, {round, 0.5});
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
                                .basis = ferret::BasisId::gaussian,
                                .layout_fingerprint = layout.fingerprint(),
                                .bases_per_block = {pool},
                                .coordinates = accumulated};
    ferret::Reconstructor<>(layout, ferret::Gaussian{})(
        sketch, expected, -static_cast<float>(training.learning_rate));
    CHECK(same_bits(model.parameters, expected));
}

TEST_CASE("who joins late has the same bits from the pool's numbers alone") {
    const FederatedDataset dataset = random_dataset(2);
    for (const auto sampling : {SeedSampling::uniform, SeedSampling::important}) {
        TrainableModel model = bigram_model();
        const auto algorithm = make(model, sampling);
        for (int round = 1; round <= 3; ++round) play_round(*algorithm, dataset, {round, 1.0});
        Weights late = bigram_model().parameters;
        algorithm->catch_up(algorithm->catch_up(), late);
        CHECK(same_bits(late, model.parameters));
        CHECK(algorithm->catch_up().size() == encoded_numbers_size(pool));
        CHECK_THROWS_AS(algorithm->catch_up({}, late), std::runtime_error);
    }
}

TEST_CASE("messages of FedKSeed hold the sums by direction, those of Pro every step") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    const Participant participant{0, dataset.clients[0]};
    ZerothOrder short_walk = training;
    short_walk.steps = 8;
    FedKSeed pro(model, short_walk, 4, SeedSampling::important, seed);
    const auto steps = decode_numbers(pro.client_update(participant, {1, 1.0}, {}).message, 4,
                                      Repeats::allowed, "test");
    CHECK(steps.indices.size() == 8);

    FedKSeed plain(model, short_walk, 1000 / 4, SeedSampling::uniform, seed);
    const auto message = plain.client_update(participant, {1, 1.0}, {}).message;
    const auto sums = decode_numbers(message, 250, Repeats::refused, "test");
    CHECK(message.size() == 32 + 6 * sums.indices.size());
    CHECK(sums.indices.size() <= 8);

    // Eight steps over four directions: more numbers than the pool has, so it travels whole.
    FedKSeed small(model, short_walk, 4, SeedSampling::uniform, seed);
    CHECK(small.client_update(participant, {1, 1.0}, {}).message.size() == encoded_numbers_size(4));
}

TEST_CASE("down travel the numbers that changed, and Pro's probabilities") {
    const FederatedDataset dataset = random_dataset(2);
    for (const auto sampling : {SeedSampling::uniform, SeedSampling::important}) {
        TrainableModel model = bigram_model();
        ZerothOrder short_walk = training;
        short_walk.steps = 3;
        FedKSeed algorithm(model, short_walk, pool, sampling, seed);
        const RoundResult result = play_round(algorithm, dataset, {1, 1.0});
        std::vector<bool> named(pool, false);
        for (const auto& message : result.messages) {
            for (const auto k : decode_numbers(message, pool, Repeats::allowed, "test").indices) {
                named[k] = true;
            }
        }
        const auto count = static_cast<std::size_t>(std::count(named.begin(), named.end(), true));
        const std::size_t changed = 32 + 6 * count;
        const bool pro = sampling == SeedSampling::important;
        CHECK(result.bytes_down == changed + (pro ? encoded_numbers_size(pool) : 0));
    }
}

TEST_CASE("Pro draws directions with large slopes more often") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = bigram_model();
    ZerothOrder long_walk = training;
    long_walk.steps = 1000;
    FedKSeed algorithm(model, long_walk, 4, SeedSampling::important, seed);
    SparseNumbers history{.size = 4, .indices = {2, 2}, .values = {50.0f, 50.0f}};
    algorithm.receive(encode_numbers(history));
    algorithm.aggregate({1, 1e-6});
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {2, 1.0}, {});
    const auto drawn = decode_numbers(update.message, 4, Repeats::allowed, "test").indices;
    const auto count = static_cast<double>(std::count(drawn.begin(), drawn.end(), 2u));
    const double p = std::exp(1.0) / (std::exp(1.0) + 3.0);
    // Five standard deviations of a binomial count.
    CHECK(std::abs(count - 1000.0 * p) < 5.0 * std::sqrt(1000.0 * p * (1.0 - p)));
}

TEST_CASE("steps without a finite loss are skipped, and clients without a step fail") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = blind_above();
    const Weights start = clone_weights(model.parameters);
    // That happens where the direction's entry is outside +-1: to a third of all steps.
    ZerothOrder slow = training;
    slow.learning_rate = 1e-6;
    FedKSeed algorithm(model, slow, pool, SeedSampling::important, seed);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    const auto numbers = decode_numbers(update.message, pool, Repeats::allowed, "test");
    CHECK(numbers.indices.size() > 0);
    CHECK(numbers.indices.size() < 20);
    CHECK(std::isfinite(update.training_loss));
    CHECK(same_bits(model.parameters, start));

    model.mean_loss = [](std::span<const Example>) { return std::nan(""); };
    const auto failed = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK(failed.failure == "none of its steps has a finite slope");
    CHECK(failed.message.empty());
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("FedKSeed and Pro resume to the same bits") {
    for (const auto sampling : {SeedSampling::uniform, SeedSampling::important}) {
        expect_same_bits_when_resumed(
            bigram_model, [&](TrainableModel& model) { return make(model, sampling); },
            random_dataset(2));
    }
}

TEST_CASE("FedKSeed refuses states and messages that are not its own") {
    TrainableModel model = bigram_model();
    for (const auto sampling : {SeedSampling::uniform, SeedSampling::important}) {
        const auto algorithm = make(model, sampling);
        const auto state = algorithm->state();
        for (std::size_t size = 0; size < state.size(); ++size) {
            CHECK_THROWS_AS(algorithm->restore(std::span(state).first(size)), std::runtime_error);
        }
        CHECK_THROWS_AS(algorithm->receive({}), std::runtime_error);
        CHECK_THROWS_AS(algorithm->receive(encode_numbers({pool, {}, {}})), std::runtime_error);
        CHECK_THROWS_AS(algorithm->receive(encode_numbers({pool + 1, {1}, {1.0f}})),
                        std::runtime_error);
        SparseNumbers many{pool, {}, {}};
        for (std::uint32_t k = 0; k < 21; ++k) {
            many.indices.push_back(k);
            many.values.push_back(1.0f);
        }
        CHECK_THROWS_WITH_AS(algorithm->receive(encode_numbers(many)),
                             "FedKSeed message: expected 1 to 20 slopes, got 21",
                             std::runtime_error);
        CHECK_THROWS_AS(algorithm->aggregate({1, 1.0}), std::logic_error);
    }
    const auto plain = make(model, SeedSampling::uniform);
    CHECK_THROWS_AS(plain->receive(encode_numbers({pool, {1, 1}, {1.0f, 1.0f}})),
                    std::runtime_error);
    CHECK_THROWS_WITH_AS(
        plain->receive(encode_numbers(std::vector<float>(pool, 1.0f))),
        ("FedKSeed message: expected 1 to 20 slopes, got " + std::to_string(pool)).c_str(),
        std::runtime_error);
}

TEST_CASE("Pro takes a message that travelled whole, and learns of the directions walked alone") {
    ZerothOrder short_walk = training;
    short_walk.steps = 3;
    TrainableModel model = bigram_model();
    FedKSeed algorithm(model, short_walk, 4, SeedSampling::important, seed);
    const auto message =
        encode_numbers({.size = 4, .indices = {0, 1, 2}, .values = {3.0f, 5.0f, 3.0f}});
    REQUIRE(message.size() == encoded_numbers_size(4));
    algorithm.receive(message);
    algorithm.aggregate({1, 1e-6});
    const auto state = algorithm.state();
    const auto sums = std::span(state).subspan(encoded_numbers_size(4), encoded_numbers_size(4));
    const auto counts = std::span(state).subspan(2 * encoded_numbers_size(4));
    CHECK(decode_all_numbers(sums, 4, "test") == std::vector{3.0f, 5.0f, 3.0f, 0.0f});
    CHECK(decode_all_numbers(counts, 4, "test") == std::vector{1.0f, 1.0f, 1.0f, 0.0f});
}

TEST_CASE("FedKSeed refuses pools the model has not") {
    TrainableModel model = bigram_model();
    CHECK_THROWS_AS(FedKSeed(model, training, 0, SeedSampling::uniform, seed),
                    ferret::InvalidBudget);
    CHECK_THROWS_AS(FedKSeed(model, training, 273, SeedSampling::uniform, seed),
                    ferret::InvalidBudget);
}
