#include "federated/algorithm/top_k.hpp"

#include <cmath>
#include <ferret/error.hpp>
#include <limits>
#include <stdexcept>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::uint64_t parameters = 16 * 16 + 16;

Roles roles_of(TrainableModel& model, std::uint64_t budget, const LocalTraining& steps = training) {
    return {std::make_unique<TopKClient>(model, first_order_trainer(steps), 5, budget),
            std::make_unique<TopKServer>(parameters, budget)};
}

std::vector<std::byte> message_of(const std::vector<std::uint32_t>& indices) {
    return encode_numbers({.size = parameters,
                           .indices = indices,
                           .values = std::vector<float>(indices.size(), 1.0f)});
}

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
    TrainableModel averaged = bigram_model();
    Roles fed_avg{std::make_unique<FedAvgClient>(averaged, first_order_trainer(training), 5),
                  std::make_unique<FedAvgServer>(averaged.parameters)};
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, parameters);
    for (int round = 1; round <= 2; ++round) {
        play_round(fed_avg, 3, {round, 0.7});
        const RoundResult result = play_round(roles, 3, {round, 0.7});
        CHECK(result.broadcast.size() == encoded_numbers_size(parameters));
    }
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        // The same sums in another order: a few float roundings of entries below 1.
        CHECK(torch::allclose(model.parameters[i], averaged.parameters[i], 0.0, 1e-6));
    }
}

TEST_CASE("a message has 6 bytes an entry, and the model follows the bytes that travel down") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    Roles roles = roles_of(model, 20);
    const RoundResult result = play_round(roles, 2, {1, 0.5});
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
    CHECK(result.broadcast.size() == 32 + different * 6);
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
    // The model stays, so the client's update is the same in all rounds.
    const LocalTraining whole_data{.steps = 1, .batch_size = 5};
    TrainableModel model = bigram_model();
    const auto sent_in = [](const ClientUpdate& update) {
        return decode_numbers(update.message, parameters, Repeats::refused, "test");
    };
    const auto everything = sent_in(
        roles_of(model, parameters, whole_data).client->train(participant(0), {1, 0.0}, {}, {}));
    Roles roles = roles_of(model, 30, whole_data);
    std::vector<std::byte> kept;
    std::vector<double> sent(parameters, 0.0);
    double distance = std::numeric_limits<double>::max();
    for (int round = 1; round <= 40; ++round) {
        const auto update = roles.client->train(participant(0), {round, 0.0}, kept, {});
        kept = update.kept;
        const auto numbers = sent_in(update);
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
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, 30);
    const double before = mean_loss(model, 4);
    for (int round = 1; round <= 10; ++round) play_round(roles, 4, {round, 1.0});
    CHECK(mean_loss(model, 4) < before);
}

TEST_CASE("top-k resumes to the same bits, residuals included") {
    expect_same_bits_when_resumed([] { return bigram_model(); },
                                  [](TrainableModel& model) { return roles_of(model, 20); });
}

TEST_CASE("what a client of another model kept, and damaged residuals, are refused") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, 20);
    const auto kept = roles.client->train(participant(0), {1, 0.5}, {}, {}).kept;
    for (std::size_t size = 1; size < kept.size(); ++size) {
        CHECK_THROWS_AS(
            roles.client->train(participant(0), {2, 0.5}, std::span(kept).first(size), {}),
            std::runtime_error);
    }
    auto altered = kept;
    altered.back() ^= std::byte{1};
    CHECK_THROWS_AS(roles.client->train(participant(0), {2, 0.5}, altered, {}), std::runtime_error);
}

TEST_CASE("top-k refuses messages no client can have sent") {
    TopKServer server(parameters, 2);
    const auto receive = [&](const std::vector<std::byte>& message) {
        server.receive(participant(0), {1, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), std::runtime_error);
    CHECK_THROWS_WITH_AS(receive(message_of({1, 2, 3})),
                         "top-k message: expected at most 2 entries, got 3", std::runtime_error);
    CHECK_THROWS_AS(receive(message_of({1, 1})), std::runtime_error);
    CHECK_THROWS_AS(server.close({1, 1.0}), std::logic_error);
    receive(message_of({1, 2}));
}

TEST_CASE("top-k refuses budgets the model has not") {
    TrainableModel model = bigram_model();
    for (const std::uint64_t budget : {std::uint64_t{0}, parameters + 1}) {
        CHECK_THROWS_AS(TopKClient(model, first_order_trainer(training), 5, budget),
                        ferret::InvalidBudget);
        CHECK_THROWS_AS(TopKServer(parameters, budget), ferret::InvalidBudget);
    }
}

TEST_CASE("a client of top-k whose weights overflow fails, and keeps what it owes") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    Roles roles = roles_of(model, 20, {.steps = 1, .learning_rate = 1e38});
    const auto update = roles.client->train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(update.kept.empty());
    const auto owed = encode_tensors({torch::ones({static_cast<std::int64_t>(parameters)})});
    CHECK((roles.client->train(participant(0), {1, 1.0}, owed, {}).kept == owed));
    CHECK(same_bits(model.parameters, start));
}
