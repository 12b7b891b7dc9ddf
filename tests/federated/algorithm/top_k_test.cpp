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

constexpr EntryFormat formats[] = {EntryFormat::float32, EntryFormat::bits8, EntryFormat::bits1};

Roles roles_of(TrainableModel& model, const TopKSettings& settings,
               const LocalTraining& steps = training) {
    return {std::make_unique<TopKClient>(model, first_order_trainer(steps), 5, settings),
            std::make_unique<TopKServer>(parameters, settings)};
}

std::vector<std::byte> message_of(const std::vector<std::uint32_t>& indices) {
    return encode_sparse_update({.size = parameters,
                                 .indices = indices,
                                 .values = std::vector<float>(indices.size(), 1.0f)},
                                EntryFormat::float32);
}

/// What the bytes say, as a list of all numbers.
std::vector<double> said_by(std::span<const std::byte> message, EntryFormat format) {
    const SparseNumbers numbers = decode_sparse_update(message, parameters, format, "test");
    std::vector<double> all(parameters, 0.0);
    for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
        all[numbers.indices[i]] = static_cast<double>(numbers.values[i]);
    }
    return all;
}

std::size_t count_of(std::span<const std::byte> message, EntryFormat format) {
    return decode_sparse_update(message, parameters, format, "test").indices.size();
}

double norm_of(const std::vector<double>& numbers) {
    double squares = 0.0;
    for (const double number : numbers) squares += number * number;
    return std::sqrt(squares);
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
    Roles roles = roles_of(model, {.budget = parameters});
    for (int round = 1; round <= 2; ++round) {
        play_round(fed_avg, 3, {round, 0.7});
        play_round(roles, 3, {round, 0.7});
    }
    for (std::size_t i = 0; i < model.parameters.size(); ++i) {
        // The same sums in another order: a few float roundings of entries below 1.
        CHECK(torch::allclose(model.parameters[i], averaged.parameters[i], 0.0, 1e-6));
    }
}

TEST_CASE("messages have as many entries as asked for, up and down") {
    for (const EntryFormat format : formats) {
        for (const std::uint64_t down : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{35}}) {
            TrainableModel model = bigram_model();
            Roles roles = roles_of(
                model,
                {.budget = 20, .budget_down = down, .values = format, .values_down = format});
            // In the first round the union of three times 20 entries; later the residual has more.
            for (int round = 1; round <= 3; ++round) {
                const RoundResult result = play_round(roles, 3, {round, 0.5});
                for (const auto& message : result.messages) CHECK(count_of(message, format) == 20);
                CHECK(count_of(result.broadcast, format) == (down == 0 ? 20 : down));
            }
        }
    }
}

TEST_CASE("the model follows the bytes that travel down, and with all entries these are the mean") {
    for (const EntryFormat format : formats) {
        TrainableModel model = bigram_model();
        const Weights start = clone_weights(model.parameters);
        // More than all that can come are all of them.
        Roles roles = roles_of(
            model, {.budget = 20, .budget_down = 100'000, .values = format, .values_down = format});
        const RoundResult result = play_round(roles, 2, {1, 0.5});
        std::vector<double> mean(parameters, 0.0);
        for (const auto& message : result.messages) {
            const std::vector<double> said = said_by(message, format);
            for (std::size_t i = 0; i < parameters; ++i) mean[i] += said[i] / 2.0;
        }
        const std::vector<double> down = said_by(result.broadcast, format);
        if (format == EntryFormat::float32) {
            for (std::size_t i = 0; i < parameters; ++i) {
                CHECK(down[i] == doctest::Approx(mean[i]).epsilon(1e-7));
            }
        }
        std::size_t at = 0;
        for (std::size_t tensor = 0; tensor < start.size(); ++tensor) {
            const torch::Tensor moved = (start[tensor] - model.parameters[tensor]).flatten();
            for (std::int64_t i = 0; i < moved.numel(); ++i, ++at) {
                // Entries below 1 are subtracted and subtracted back: two float roundings.
                CHECK(moved[i].item<double>() == doctest::Approx(0.5 * down[at]).epsilon(1e-6));
                if (down[at] == 0.0) CHECK(moved[i].item<double>() == 0.0);
            }
        }
    }
}

TEST_CASE("what a client did not say it says later, and what it said too coarsely it corrects") {
    // The model stays, so the client's update is the same in all rounds.
    const LocalTraining whole_data{.steps = 1, .batch_size = 5};
    for (const EntryFormat format : formats) {
        TrainableModel model = bigram_model();
        const auto everything = said_by(roles_of(model, {.budget = parameters}, whole_data)
                                            .client->train(participant(0), {1, 0.0}, {}, {})
                                            .message,
                                        EntryFormat::float32);
        Roles roles =
            roles_of(model, {.budget = 30, .values = format, .values_down = format}, whole_data);
        std::vector<std::byte> kept;
        std::vector<double> rest(parameters, 0.0);
        double distance = norm_of(everything);
        for (int round = 1; round <= 40; ++round) {
            const auto update = roles.client->train(participant(0), {round, 0.0}, kept, {});
            kept = update.kept;
            const std::vector<double> said = said_by(update.message, format);
            for (std::size_t i = 0; i < parameters; ++i) rest[i] += everything[i] - said[i];
            if (round % 10 != 0) continue;
            // The mean of the messages comes closer to the update: the residual does not grow.
            CHECK(norm_of(rest) / round < distance);
            distance = norm_of(rest) / round;
        }
        CHECK(distance < 0.25 * norm_of(everything));
        // What is kept is what was meant less what the bytes said.
        const Weights like{torch::empty({static_cast<std::int64_t>(parameters)})};
        const torch::Tensor residual = decode_tensors(kept, like, "test").front();
        for (std::size_t i = 0; i < parameters; ++i) {
            CHECK(std::abs(residual[static_cast<std::int64_t>(i)].item<double>() - rest[i]) < 1e-5);
        }
    }
}

TEST_CASE("what the server did not say it says later") {
    for (const EntryFormat format : formats) {
        TopKServer server(parameters,
                          {.budget = 3, .budget_down = 2, .values = format, .values_down = format});
        const SparseNumbers numbers{
            .size = parameters, .indices = {5, 50, 200}, .values = {4.0f, -2.0f, 1.0f}};
        const auto message = encode_sparse_update(numbers, format);
        const std::vector<double> meant = said_by(message, format);
        std::vector<double> rest(parameters, 0.0);
        for (int round = 1; round <= 60; ++round) {
            server.receive(participant(0), {round, 1.0}, message);
            server.receive(participant(1), {round, 1.0}, message);
            const std::vector<double> said = said_by(server.close({round, 1.0}), format);
            for (std::size_t i = 0; i < parameters; ++i) rest[i] += meant[i] - said[i];
        }
        CHECK(norm_of(rest) < 3.0 * norm_of(meant));
    }
}

TEST_CASE("top-k lowers the loss") {
    for (const EntryFormat format : formats) {
        TrainableModel model = bigram_model();
        Roles roles = roles_of(model, {.budget = 30, .values = format, .values_down = format});
        const double before = mean_loss(model, 4);
        for (int round = 1; round <= 10; ++round) play_round(roles, 4, {round, 1.0});
        CHECK(mean_loss(model, 4) < before);
    }
}

TEST_CASE("top-k resumes to the same bits, residuals included") {
    for (const EntryFormat format : formats) {
        expect_same_bits_when_resumed(
            [] { return bigram_model(); },
            [&](TrainableModel& model) {
                return roles_of(model, {.budget = 20, .values = format, .values_down = format});
            });
    }
}

TEST_CASE("what a client of another model kept, and damaged residuals, are refused") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, {.budget = 20});
    const auto kept = roles.client->train(participant(0), {1, 0.5}, {}, {}).kept;
    for (std::size_t size = 1; size < kept.size(); ++size) {
        CHECK_THROWS_AS(
            roles.client->train(participant(0), {2, 0.5}, std::span(kept).first(size), {}),
            std::runtime_error);
    }
    auto altered = kept;
    altered.back() ^= std::byte{1};
    CHECK_THROWS_AS(roles.client->train(participant(0), {2, 0.5}, altered, {}), std::runtime_error);
    CHECK_THROWS_AS(roles.server->restore(altered), std::runtime_error);
    CHECK_THROWS_AS(TopKServer(parameters + 1, {.budget = 20}).restore(kept), std::runtime_error);
}

TEST_CASE("top-k refuses messages no client can have sent") {
    TopKServer server(parameters, {.budget = 2, .budget_down = 1});
    const auto receive = [&](const std::vector<std::byte>& message) {
        server.receive(participant(0), {1, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), std::runtime_error);
    CHECK_THROWS_WITH_AS(receive(message_of({1, 2, 3})),
                         "top-k message: expected at most 2 entries, got 3", std::runtime_error);
    CHECK_THROWS_AS(receive(encode_sparse_update(
                        {.size = parameters, .indices = {1}, .values = {1}}, EntryFormat::bits1)),
                    std::runtime_error);
    CHECK_THROWS_AS(server.close({1, 1.0}), std::logic_error);
    receive(message_of({1, 2}));
    CHECK_NOTHROW(server.close({1, 1.0}));
}

TEST_CASE("top-k refuses broadcasts no server can have sent") {
    TrainableModel model = bigram_model();
    const Roles roles = roles_of(model, {.budget = 2, .budget_down = 1});
    roles.client->follow({1, 1.0}, message_of({3}));
    CHECK_THROWS_WITH_AS(roles.client->follow({1, 1.0}, message_of({3, 4})),
                         "top-k broadcast: expected at most 1 entries, got 2", std::runtime_error);
    CHECK_THROWS_AS(roles.client->follow({1, 1.0}, {}), std::runtime_error);
}

TEST_CASE("a mean that overflows with the residual is no broadcast") {
    TopKServer server(parameters, {.budget = 1, .values = EntryFormat::float32});
    const auto huge = [](std::uint32_t index) {
        return encode_sparse_update(
            {.size = parameters, .indices = {index}, .values = {std::numeric_limits<float>::max()}},
            EntryFormat::float32);
    };
    server.receive(participant(0), {1, 1.0}, huge(1));
    server.receive(participant(1), {1, 1.0}, huge(2));
    server.close({1, 1.0});
    for (const std::uint64_t client : {0u, 1u})
        server.receive(participant(client), {2, 1.0}, huge(2));
    CHECK_THROWS_AS(server.close({2, 1.0}), ferret::NonFinite);
}

TEST_CASE("top-k refuses budgets the model has not") {
    TrainableModel model = bigram_model();
    for (const std::uint64_t budget : {std::uint64_t{0}, parameters + 1}) {
        CHECK_THROWS_AS(TopKClient(model, first_order_trainer(training), 5, {.budget = budget}),
                        ferret::InvalidBudget);
        CHECK_THROWS_AS(TopKServer(parameters, {.budget = budget}), ferret::InvalidBudget);
    }
    CHECK_NOTHROW(TopKServer((std::uint64_t{1} << 32) - 1, {.budget = 1}));
    CHECK_THROWS_AS(TopKServer(std::uint64_t{1} << 32, {.budget = 1}), std::invalid_argument);
}

TEST_CASE("a client of top-k whose weights overflow fails, and keeps what it owes") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    Roles roles = roles_of(model, {.budget = 20}, {.steps = 1, .learning_rate = 1e38});
    const auto update = roles.client->train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(update.kept.empty());
    const auto owed = encode_tensors({torch::ones({static_cast<std::int64_t>(parameters)})});
    CHECK((roles.client->train(participant(0), {1, 1.0}, owed, {}).kept == owed));
    CHECK(same_bits(model.parameters, start));
}
