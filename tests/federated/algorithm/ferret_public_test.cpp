#include "federated/algorithm/ferret_public.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/ferret.hpp>
#include <ferret/interop/torch.hpp>
#include <stdexcept>

#include "federated/model/model_layout.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/support/resumed.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::uint64_t seed = 5;

FerretPublicSettings settings_for(const TrainableModel& model, std::uint32_t pool) {
    return {.layout = make_layout(model, LayoutKind::per_tensor),
            .basis = ferret::TruncatedNormal<16>{},
            .pool_size = pool};
}

FerretPublicClient client_of(TrainableModel& model, const FerretPublicSettings& settings,
                             const LocalTraining& steps = training) {
    return {model, first_order_trainer(steps), seed, settings};
}

Roles roles_of(TrainableModel& model, const FerretPublicSettings& settings) {
    return {
        std::make_unique<FerretPublicClient>(model, first_order_trainer(training), seed, settings),
        std::make_unique<FerretPublicServer>(settings)};
}

/// <v_lk, x_l>, from the basis itself.
double along(const TrainableModel& model, const Weights& x, std::size_t block, std::uint32_t k) {
    Weights direction = clone_weights(x);
    for (auto& tensor : direction) tensor.zero_();
    ferret::Reconstructor<>(make_layout(model, LayoutKind::per_tensor),
                            ferret::TruncatedNormal<16>{})
        .add_basis({seed, 0}, k, direction, 1.0f);
    return (direction[block].to(torch::kFloat64) * x[block].to(torch::kFloat64))
        .sum()
        .item<double>();
}

/// The coordinates of a message, without the zeros of the form that holds all.
SparseNumbers sent_in(const std::vector<std::byte>& message, std::uint64_t size) {
    const SparseNumbers numbers = decode_numbers(message, size, Repeats::refused, "test");
    SparseNumbers sent{.size = size, .indices = {}, .values = {}};
    for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
        if (numbers.values[i] == 0.0f) continue;
        sent.indices.push_back(numbers.indices[i]);
        sent.values.push_back(numbers.values[i]);
    }
    return sent;
}

/// What a client of these settings trains to, as before - after.
Weights trained_delta() {
    TrainableModel alone = bigram_model();
    const Weights before = clone_weights(alone.parameters);
    train_locally(alone, 0, training,
                  DataOrder(5, named_generator(seed, "data of client 0 in round 1")), {});
    make_delta(before, alone.parameters);
    return alone.parameters;
}

}  // namespace

TEST_CASE("a client sends d / n <v, Delta> for seeds drawn by the blocks' norms") {
    TrainableModel model = bigram_model();
    FerretPublicClient client = client_of(model, settings_for(model, 40));
    const auto update = client.train(participant(0), {1, 1.0}, {}, {});
    // The second block has 16 elements, and so many seeds.
    const SparseNumbers sent = sent_in(update.message, 56);
    const Weights delta = trained_delta();
    const double norms[2] = {delta[0].norm().item<double>(), delta[1].norm().item<double>()};
    const double largest = std::max(norms[0], norms[1]);
    for (std::size_t block = 0; block < 2; ++block) {
        const std::uint32_t first = block == 0 ? 0 : 40;
        const std::uint32_t seeds = block == 0 ? 40 : 16;
        const double size = block == 0 ? 256.0 : 16.0;
        const auto wished = static_cast<std::uint32_t>(norms[block] / largest * 40.0);
        const std::uint32_t count = std::min(std::max(wished, 2u), seeds);
        std::uint32_t found = 0;
        for (std::size_t i = 0; i < sent.indices.size(); ++i) {
            if (sent.indices[i] < first || sent.indices[i] >= first + seeds) continue;
            ++found;
            const double expected =
                size / count * along(model, delta, block, sent.indices[i] - first);
            // The projection keeps double until its coordinate is rounded to float.
            CHECK(std::abs(static_cast<double>(sent.values[i]) - expected) < 1e-6);
        }
        CHECK(found == count);
    }
    CHECK(update.message.size() == 32 + std::min<std::size_t>(6 * sent.indices.size(), 4 * 56));
}

TEST_CASE("clients and rounds draw seeds of their own") {
    TrainableModel model = bigram_model();
    FerretPublicClient client = client_of(model, settings_for(model, 200));
    const auto drawn = [&](std::int64_t round, std::uint64_t id) {
        return sent_in(client.train(participant(id), {round, 1.0}, {}, {}).message, 216).indices;
    };
    CHECK(drawn(1, 0) == drawn(1, 0));
    CHECK(drawn(1, 0) != drawn(2, 0));
    CHECK(drawn(1, 0) != drawn(1, 1));
}

TEST_CASE("the model follows the pool, with momentum") {
    TrainableModel model = bigram_model();
    FerretPublicSettings settings = settings_for(model, 10);
    settings.momentum = 0.5;
    Roles roles = roles_of(model, settings);
    Weights expected = clone_weights(model.parameters);
    const ferret::Reconstructor<> reconstruct(settings.layout, settings.basis);
    const auto step = [&](std::uint32_t k, float amount) {
        Weights only_first = clone_weights(expected);
        reconstruct.add_basis({seed, 0}, k, only_first, amount);
        expected[0] = only_first[0];
    };
    const auto play = [&](const Round& round, const std::vector<SparseNumbers>& messages) {
        for (const SparseNumbers& numbers : messages) {
            roles.server->receive(participant(0), round, encode_numbers(numbers));
        }
        const auto broadcast = roles.server->close(round);
        roles.client->follow(round, broadcast);
        return broadcast.size();
    };
    CHECK(play({1, 0.25}, {{20, {3}, {0.5f}}, {20, {4}, {1.0f}}}) == 32 + 2 * 6);
    step(3, -0.25f * 0.25f);
    step(4, -0.25f * 0.5f);
    CHECK(play({2, 0.25}, {{20, {3}, {2.0f}}}) == 32 + 6);
    step(3, -0.25f * 2.125f);
    step(4, -0.25f * 0.25f);
    for (std::size_t i = 0; i < 2; ++i) {
        // Four roundings of entries below 1.
        CHECK(torch::allclose(model.parameters[i], expected[i], 0.0, 1e-6));
    }
}

TEST_CASE("a seed's update of a block is cut to the clip norm, and no other is changed") {
    TrainableModel model = bigram_model();
    FerretPublicSettings settings = settings_for(model, 10);
    settings.clip_norm = 0.125;
    const auto moved_by = [&](float coordinate) {
        TrainableModel fresh = bigram_model();
        client_of(fresh, settings).follow({1, 1.0}, encode_numbers({20, {3}, {coordinate}}));
        return (model.parameters[0] - fresh.parameters[0]).norm().item<double>();
    };
    // ||v|| is about 1 / sqrt(3).
    CHECK(moved_by(0.1f) == doctest::Approx(2.0 * moved_by(0.05f)).epsilon(1e-4));
    CHECK(moved_by(0.1f) < 0.12);
    CHECK(moved_by(0.5f) == doctest::Approx(0.125).epsilon(1e-4));
    CHECK(moved_by(3e38f) == doctest::Approx(0.125).epsilon(1e-4));
}

TEST_CASE("coordinates that momentum adds up beyond float are skipped") {
    TrainableModel model = bigram_model();
    FerretPublicSettings settings = settings_for(model, 10);
    settings.momentum = 0.99;
    FerretPublicClient client = client_of(model, settings);
    for (int round = 1; round <= 2; ++round) {
        client.follow({round, 1e-3}, encode_numbers({20, {3, 5}, {3e38f, 1e-3f}}));
    }
    CHECK(all_finite(model.parameters));
    CHECK_FALSE(same_bits(model.parameters, bigram_model().parameters));
}

TEST_CASE("the public scaling is a third of the exact one") {
    // With all of a block's seeds drawn the coordinates differ by the factor rho d alone.
    TrainableModel model = bigram_model();
    const auto update =
        client_of(model, settings_for(model, 2)).train(participant(0), {1, 1.0}, {}, {});
    const auto sent = decode_numbers(update.message, 4, Repeats::refused, "test");
    REQUIRE(sent.indices.size() == 4);
    const ferret::Projector<> exact(make_layout(model, LayoutKind::per_tensor),
                                    ferret::TruncatedNormal<16>{}, ferret::Uniform{4});
    const ferret::Sketch sketch = exact(trained_delta(), ferret::Seed{seed, 0});
    for (std::size_t i = 0; i < 4; ++i) {
        // rho d is 1/3 (1 - 2 / (15 d) + ...).
        CHECK(static_cast<double>(sent.values[i]) ==
              doctest::Approx(static_cast<double>(sketch.coordinates[i]) / 3.0)
                  .epsilon(0.01)
                  .scale(0.0));
    }
}

TEST_CASE("ferret-public lowers the loss") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, settings_for(model, 200));
    const double before = mean_loss(model, 4);
    for (int round = 1; round <= 10; ++round) play_round(roles, 4, {round, 1.0});
    CHECK(mean_loss(model, 4) < before);
}

TEST_CASE("ferret-public resumes to the same bits, its pool included") {
    expect_same_bits_when_resumed([] { return bigram_model(); },
                                  [](TrainableModel& model) {
                                      FerretPublicSettings settings = settings_for(model, 30);
                                      settings.momentum = 0.9;
                                      return roles_of(model, settings);
                                  });
}

TEST_CASE("ferret-public refuses what does not fit it") {
    TrainableModel model = bigram_model();
    Roles roles = roles_of(model, settings_for(model, 10));
    const auto receive = [&](const std::vector<std::byte>& message) {
        roles.server->receive(participant(0), {1, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), std::runtime_error);
    CHECK_THROWS_AS(receive(encode_numbers({21, {3}, {1.0f}})), std::runtime_error);
    CHECK_THROWS_AS(receive(encode_numbers({20, {3, 3}, {1.0f, 1.0f}})), std::runtime_error);
    CHECK_THROWS_AS(roles.server->close({1, 1.0}), std::logic_error);
    CHECK_THROWS_AS(roles.client->follow({1, 1.0}, {}), std::runtime_error);
    CHECK_THROWS_AS(roles.client->restore({}), std::runtime_error);
    CHECK_THROWS_AS(roles.client->restore(encode_numbers({20, {3}, {1.0f}})), std::runtime_error);
    FerretPublicSettings sparse = settings_for(model, 10);
    sparse.basis = ferret::SparseSign{};
    CHECK_THROWS_AS(client_of(model, sparse), std::invalid_argument);
    CHECK_THROWS_AS(FerretPublicServer{sparse}, std::invalid_argument);
    CHECK_THROWS_AS(client_of(model, settings_for(model, 1)), ferret::InvalidBudget);
}

TEST_CASE("a client of ferret-public whose weights overflow fails, and the model is as before") {
    TrainableModel model = steep_model();
    const Weights start = clone_weights(model.parameters);
    FerretPublicClient client =
        client_of(model, settings_for(model, 10), {.steps = 1, .learning_rate = 1e38});
    const auto update = client.train(participant(0), {1, 1.0}, {}, {});
    CHECK_FALSE(update.failure.empty());
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}
