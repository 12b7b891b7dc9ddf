#include "federated/algorithm/sign_feedback.hpp"

#include <cmath>
#include <ferret/error.hpp>
#include <limits>
#include <stdexcept>

#include "federated/message/sign_update.hpp"
#include "federated/message/tensor_message.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::size_t parameters = 16 * 16 + 16;
const std::vector<std::size_t> sizes{16 * 16, 16};

Roles roles_of(TrainableModel& model, const LocalTraining& steps = training) {
    return {std::make_unique<SignFeedbackClient>(model, first_order_trainer(steps), 5),
            std::make_unique<SignFeedbackServer>(sizes)};
}

std::vector<float> said_by(std::span<const std::byte> message) {
    return decode_signs(message, sizes, "test");
}

std::vector<float> residual_in(std::span<const std::byte> kept) {
    const Weights like{torch::empty({static_cast<std::int64_t>(parameters)})};
    const torch::Tensor rest = decode_tensors(kept, like, "test").front();
    const auto numbers = elements(rest);
    return {numbers.begin(), numbers.end()};
}

double norm_of(const std::vector<float>& numbers) {
    double squares = 0.0;
    for (const float number : numbers) {
        squares += static_cast<double>(number) * static_cast<double>(number);
    }
    return std::sqrt(squares);
}

}  // namespace

TEST_CASE("a client keeps its update less what its signs say") {
    TrainableModel model = bigram_model();
    const Roles roles = roles_of(model);
    const auto first = roles.client->train(participant(0), {1, 1.0}, {}, {});
    CHECK(first.message.size() == encoded_signs_size(sizes));
    // No update has mean magnitudes of its own, so the sum of both is what was meant.
    std::vector<float> meant = said_by(first.message);
    const std::vector<float> rest = residual_in(first.kept);
    for (std::size_t i = 0; i < parameters; ++i) meant[i] += rest[i];
    CHECK((encode_signs(meant, sizes) == first.message));
    // A bit more than half of Gaussian energy; here the tensors' entries are far from alike.
    CHECK(norm_of(rest) < norm_of(meant));
    CHECK(norm_of(rest) > 0.0);
}

TEST_CASE("the sum of a client's messages follows the sum of its updates") {
    // The model stays, so the client's update is the same in all rounds.
    const LocalTraining whole_data{.steps = 1, .batch_size = 5};
    TrainableModel model = bigram_model();
    const Roles roles = roles_of(model, whole_data);
    std::vector<std::byte> kept;
    std::vector<double> said(parameters, 0.0);
    std::vector<float> update;
    for (int round = 1; round <= 50; ++round) {
        const auto sent = roles.client->train(participant(0), {round, 0.0}, kept, {});
        kept = sent.kept;
        const std::vector<float> numbers = said_by(sent.message);
        for (std::size_t i = 0; i < parameters; ++i) said[i] += static_cast<double>(numbers[i]);
        if (round == 1) {
            update = numbers;
            const std::vector<float> rest = residual_in(kept);
            for (std::size_t i = 0; i < parameters; ++i) update[i] += rest[i];
        }
    }
    const std::vector<float> rest = residual_in(kept);
    for (std::size_t i = 0; i < parameters; ++i) {
        CHECK(said[i] + static_cast<double>(rest[i]) ==
              doctest::Approx(50.0 * static_cast<double>(update[i])).epsilon(1e-4));
    }
    CHECK(norm_of(rest) < 0.5 * 50.0 * norm_of(update));
}

TEST_CASE("the broadcast says the mean and what earlier ones left, and the model follows it") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model);
    std::vector<float> owed(parameters, 0.0f);
    for (int round = 1; round <= 3; ++round) {
        const Weights start = clone_weights(model.parameters);
        const RoundResult result = play_round(roles, 2, {round, 0.5});
        const auto first = said_by(result.messages[0]);
        const auto second = said_by(result.messages[1]);
        for (std::size_t i = 0; i < parameters; ++i) {
            owed[i] = (first[i] + second[i]) / 2.0f + owed[i];
        }
        CHECK((result.broadcast == encode_signs(owed, sizes)));
        const std::vector<float> down = said_by(result.broadcast);
        for (std::size_t i = 0; i < parameters; ++i) owed[i] -= down[i];
        CHECK(residual_in(roles.server->state()) == owed);
        const torch::Tensor moved = flat_delta(start, model.parameters);
        for (std::size_t i = 0; i < parameters; ++i) {
            // Entries below 1 are subtracted and subtracted back: two float roundings.
            CHECK(static_cast<double>(elements(moved)[i]) ==
                  doctest::Approx(0.5 * static_cast<double>(down[i])).epsilon(1e-5));
        }
    }
}

TEST_CASE("sign-feedback lowers the loss") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model);
    const double before = mean_loss(model, 4);
    for (int round = 1; round <= 10; ++round) play_round(roles, 4, {round, 1.0});
    CHECK(mean_loss(model, 4) < before);
}

TEST_CASE("sign-feedback resumes to the same bits, residuals included") {
    expect_same_bits_when_resumed([] { return bigram_model(); },
                                  [](TrainableModel& model) { return roles_of(model); });
}

TEST_CASE("models of other types follow the bytes too") {
    for (const auto type : {torch::kBFloat16, torch::kFloat64}) {
        TrainableModel model = bigram_model();
        for (torch::Tensor& parameter : model.parameters) {
            parameter = parameter.detach().to(type).requires_grad_(true);
        }
        const Weights start = clone_weights(model.parameters);
        const Roles roles = roles_of(model);
        roles.client->follow({1, 1.0}, encode_signs(std::vector<float>(parameters, 0.5f), sizes));
        for (std::size_t i = 0; i < start.size(); ++i) {
            CHECK((model.parameters[i].scalar_type() == type));
            CHECK(torch::equal(model.parameters[i], start[i] - 0.5));
        }
    }
}

TEST_CASE("what no client and no server of signs can have sent is refused") {
    TrainableModel model = bigram_model();
    const Roles roles = roles_of(model);
    const auto other =
        encode_signs(std::vector<float>(parameters, 1.0f), std::vector<std::size_t>{parameters});
    for (const auto& bytes : {std::vector<std::byte>(), other}) {
        CHECK_THROWS_AS(roles.server->receive(participant(0), {1, 1.0}, bytes), std::runtime_error);
        CHECK_THROWS_AS(roles.client->follow({1, 1.0}, bytes), std::runtime_error);
    }
    CHECK_THROWS_AS(roles.server->close({1, 1.0}), std::logic_error);
    const std::vector<std::byte> damaged(7, std::byte{1});
    CHECK_THROWS_AS(roles.client->train(participant(0), {1, 1.0}, damaged, {}), std::runtime_error);
    CHECK_THROWS_AS(roles.server->restore(damaged), std::runtime_error);
}

TEST_CASE("a mean of signs that overflows is no broadcast") {
    const Roles roles{nullptr, std::make_unique<SignFeedbackServer>(sizes)};
    const auto huge =
        encode_signs(std::vector<float>(parameters, std::numeric_limits<float>::max()), sizes);
    for (const std::uint64_t client : {0u, 1u}) {
        roles.server->receive(participant(client), {1, 1.0}, huge);
    }
    CHECK_THROWS_AS(roles.server->close({1, 1.0}), ferret::NonFinite);
}

TEST_CASE("a client of sign-feedback whose weights overflow fails, and keeps what it owes") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    const Roles roles = roles_of(model, {.steps = 1, .learning_rate = 1e38});
    const auto owed = encode_tensors({torch::ones({static_cast<std::int64_t>(parameters)})});
    const auto update = roles.client->train(participant(0), {1, 1.0}, owed, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK((update.kept == owed));
    CHECK(same_bits(model.parameters, start));
}
