#include "federation/top_k.hpp"

#include <cmath>
#include <ferret/error.hpp>
#include <limits>
#include <stdexcept>

#include "federation/fed_avg.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/play_round.hpp"
#include "support/resumed.hpp"

using namespace fed_llm;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::uint64_t parameters = 16 * 16 + 16;

}  // namespace

TEST_CASE("the largest entries are chosen, the first of equal ones") {
    const std::vector<float> entries{1, -3, 2, 0, 3, -2, 2};
    const auto chosen = [&](std::size_t count) { return largest_entries(entries, count).indices; };
    using Indices = std::vector<std::uint32_t>;
    CHECK(chosen(1) == Indices{1});
    CHECK(chosen(2) == Indices{1, 4});
    CHECK(chosen(3) == Indices{1, 2, 4});
    CHECK(chosen(4) == Indices{1, 2, 4, 5});
    CHECK(chosen(5) == Indices{1, 2, 4, 5, 6});
    // Nothing is said by sending a zero.
    for (const std::size_t count : {6u, 7u, 8u}) CHECK(chosen(count) == Indices{0, 1, 2, 4, 5, 6});
    CHECK(largest_entries(entries, 3).values == std::vector<float>{-3, 2, 3});
    CHECK(largest_entries(std::vector<float>(4, 0.0f), 2).indices.empty());
}

TEST_CASE("with as many entries as parameters top-k is FedAvg") {
    const FederatedDataset dataset = random_dataset(3);
    TrainableModel averaged = bigram_model();
    FedAvg fed_avg(averaged, training, 5);
    TrainableModel model = bigram_model();
    TopK algorithm(model, training, 5, parameters);
    for (int round = 1; round <= 2; ++round) {
        play_round(fed_avg, dataset, {round, 0.7});
        const RoundResult result = play_round(algorithm, dataset, {round, 0.7});
        CHECK(result.bytes_down == encoded_numbers_size(parameters));
    }
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        // The same sums in another order: a few float roundings of entries below 1.
        CHECK(torch::allclose(model.parameters[i], averaged.parameters[i], 0.0, 1e-6));
    }
}

TEST_CASE("a message has 6 bytes an entry, and the model follows the bytes that travel down") {
    const FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    TopK algorithm(model, training, 5, 20);
    const RoundResult result = play_round(algorithm, dataset, {1, 0.5});
    std::vector<double> mean(parameters, 0.0);
    std::size_t different = 0;
    for (const auto& message : result.messages) {
        CHECK(message.size() == 32 + 20 * 6);
        const auto numbers = decode_numbers(message, parameters, Repeats::refused, "test");
        for (std::size_t i = 0; i < 20; ++i) {
            different += mean[numbers.indices[i]] == 0.0 ? 1 : 0;
            mean[numbers.indices[i]] += static_cast<double>(numbers.values[i]) / 2.0;
        }
    }
    CHECK(result.bytes_down == 32 + different * 6);
    std::size_t at = 0;
    for (std::size_t tensor = 0; tensor < start.size(); ++tensor) {
        const torch::Tensor moved = (start[tensor] - model.parameters[tensor]).flatten();
        for (std::int64_t i = 0; i < moved.numel(); ++i, ++at) {
            // Entries below 1 are subtracted and subtracted back: two float roundings.
            CHECK(moved[i].item<double>() == doctest::Approx(0.5 * mean[at]).epsilon(1e-6));
            if (mean[at] == 0.0) CHECK(moved[i].item<double>() == 0.0);
        }
    }
}

TEST_CASE("what a client did not send it sends later") {
    // With server rate 0 the model stays, so the client's update is the same in all rounds.
    const FederatedDataset dataset = random_dataset(1);
    const LocalTraining whole_data{.steps = 1, .batch_size = 5};
    TrainableModel model = bigram_model();
    TopK all(model, whole_data, 5, parameters);
    const auto everything =
        decode_numbers(all.client_update({0, dataset.clients[0]}, {1, 0.0}, {}).message, parameters,
                       Repeats::refused, "test");
    TopK algorithm(model, whole_data, 5, 30);
    std::vector<double> sent(parameters, 0.0);
    double distance = std::numeric_limits<double>::max();
    for (int round = 1; round <= 40; ++round) {
        const auto update = algorithm.client_update({0, dataset.clients[0]}, {round, 0.0}, {});
        const auto numbers = decode_numbers(update.message, parameters, Repeats::refused, "test");
        for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
            sent[numbers.indices[i]] += static_cast<double>(numbers.values[i]);
        }
        if (round % 10 != 0) continue;
        // sent = round * update - residual, and the residual does not grow.
        double squares = 0.0;
        for (std::size_t i = 0; i < everything.indices.size(); ++i) {
            const double rest =
                static_cast<double>(everything.values[i]) - sent[everything.indices[i]] / round;
            squares += rest * rest;
        }
        CHECK(std::sqrt(squares) < distance);
        distance = std::sqrt(squares);
    }
}

TEST_CASE("top-k lowers the loss") {
    const FederatedDataset dataset = random_dataset(4);
    TrainableModel model = bigram_model();
    TopK algorithm(model, training, 5, 30);
    const double before = model.mean_loss(dataset.clients[0].examples);
    for (int round = 1; round <= 10; ++round) play_round(algorithm, dataset, {round, 1.0});
    CHECK(model.mean_loss(dataset.clients[0].examples) < before);
}

TEST_CASE("top-k resumes to the same bits, residuals included") {
    expect_same_bits_when_resumed(
        bigram_model,
        [](TrainableModel& model) { return std::make_unique<TopK>(model, training, 5, 20); },
        random_dataset(2));
}

TEST_CASE("top-k states of another model, and damaged ones, are refused") {
    const FederatedDataset dataset = random_dataset(2);
    TrainableModel model = bigram_model();
    TopK algorithm(model, training, 5, 20);
    play_round(algorithm, dataset, {1, 0.5});
    const auto state = algorithm.state();
    for (std::size_t size = 0; size < state.size(); ++size) {
        CHECK_THROWS_AS(algorithm.restore(std::span(state).first(size)), std::runtime_error);
    }
    auto altered = state;
    altered.back() ^= std::byte{1};
    CHECK_THROWS_AS(algorithm.restore(altered), std::runtime_error);
    altered = state;
    altered[7] = std::byte{255};
    CHECK_THROWS_AS(algorithm.restore(altered), std::runtime_error);
}

TEST_CASE("top-k refuses messages no client can have sent") {
    TrainableModel model = bigram_model();
    TopK algorithm(model, training, 5, 2);
    const auto message = [](std::vector<std::uint32_t> indices) {
        std::vector<float> values(indices.size(), 1.0f);
        return encode_numbers({.size = parameters, .indices = indices, .values = values});
    };
    CHECK_THROWS_AS(algorithm.receive({}), std::runtime_error);
    CHECK_THROWS_WITH_AS(algorithm.receive(message({1, 2, 3})),
                         "top-k message: expected at most 2 entries, got 3", std::runtime_error);
    CHECK_THROWS_AS(algorithm.receive(message({1, 1})), std::runtime_error);
    CHECK_THROWS_AS(algorithm.aggregate({1, 1.0}), std::logic_error);
    algorithm.receive(message({1, 2}));
}

TEST_CASE("top-k refuses budgets the model has not") {
    TrainableModel model = bigram_model();
    CHECK_THROWS_AS(TopK(model, training, 5, 0), ferret::InvalidBudget);
    CHECK_THROWS_AS(TopK(model, training, 5, parameters + 1), ferret::InvalidBudget);
}

TEST_CASE("a client of top-k whose weights overflow fails, and keeps what it owes") {
    const FederatedDataset dataset = random_dataset(1);
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    TopK algorithm(model, {.steps = 1, .learning_rate = 1e38}, 1, 20);
    const auto update = algorithm.client_update({0, dataset.clients[0]}, {1, 1.0}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
    CHECK(algorithm.state().size() == 8);
}
