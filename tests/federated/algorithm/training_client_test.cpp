#include "federated/algorithm/training_client.hpp"

#include <ferret/error.hpp>
#include <limits>
#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

const Round round_three{3, 1.0};

/// Adds to every weight, and tells a loss.
LocalTrainer adding(double amount, bool finite = true) {
    return [=](TrainableModel& model, const Participant&, const Round&, DataOrder,
               const StepObserver&) {
        const torch::NoGradGuard no_grad;
        for (torch::Tensor& parameter : model.parameters) parameter.add_(amount);
        return LocalResult{.mean_loss = 2.5, .finite = finite};
    };
}

std::vector<std::byte> no_message(const Weights&) {
    return {};
}

}  // namespace

TEST_CASE("a generator is a function of seed, use, client and round") {
    const auto draw = [](std::uint64_t seed, const char* use, std::uint64_t client,
                         std::int64_t round) {
        return client_generator(seed, use, participant(client), {round, 1.0})();
    };
    const auto drawn = draw(1, "data", 2, 3);
    CHECK(draw(1, "data", 2, 3) == drawn);
    CHECK(draw(2, "data", 2, 3) != drawn);
    CHECK(draw(1, "directions", 2, 3) != drawn);
    CHECK(draw(1, "data", 3, 3) != drawn);
    CHECK(draw(1, "data", 2, 2) != drawn);
}

TEST_CASE("the message is made of the weights before and after, and the round's are put back") {
    TrainableModel model = bigram_model();
    TrainingClient client(model, adding(0.0), 9);
    {
        // The weights are those of the round, not of the construction.
        const torch::NoGradGuard no_grad;
        model.parameters[0].add_(1.0);
    }
    const Weights start = clone_weights(model.parameters);
    TrainingClient adds(model, adding(0.5), 9);
    const auto make_message = [&](const Weights& before) {
        CHECK(same_bits(before, start));
        CHECK(torch::equal(model.parameters[1], start[1] + 0.5));
        const torch::NoGradGuard no_grad;
        model.parameters[0].zero_();  // which is allowed
        return std::vector<std::byte>(4);
    };
    const ClientUpdate update = adds(participant(0), round_three, make_message, {});
    CHECK(update.message.size() == 4);
    CHECK(update.failure.empty());
    CHECK(update.training_loss == 2.5);
    CHECK(same_bits(model.parameters, start));

    const ClientUpdate other = client(participant(0), round_three,
                                      [&](const Weights& before) {
                                          CHECK(same_bits(before, start));
                                          return std::vector<std::byte>();
                                      },
                                      {});
    CHECK(other.failure.empty());
}

TEST_CASE("training or a message that is not finite fails this client, and leaves the weights") {
    TrainableModel model = bigram_model();
    const Weights start = clone_weights(model.parameters);
    TrainingClient diverges(model, adding(1.0, false), 9);
    const auto never = [](const Weights&) -> std::vector<std::byte> {
        throw std::logic_error("no message is made of it");
    };
    CHECK(diverges(participant(0), round_three, never, {}).failure ==
          "its loss or weights became infinite or not a number");
    CHECK(same_bits(model.parameters, start));

    TrainingClient trains(model, adding(1.0), 9);
    const auto refuses = [](const Weights&) -> std::vector<std::byte> {
        throw ferret::NonFinite("too large");
    };
    const ClientUpdate update = trains(participant(0), round_three, refuses, {});
    CHECK(update.failure == "too large");
    CHECK(update.message.empty());
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("first-order steps go through the client's examples in the order of seed and round") {
    const LocalTraining training{.steps = 3, .batch_size = 2};
    const auto trained = [&](std::uint64_t seed, std::int64_t round) {
        TrainableModel model = bigram_model();
        TrainingClient client(model, first_order_trainer(training), seed);
        Weights after;
        client(participant(1), {round, 1.0},
               [&](const Weights&) {
                   after = clone_weights(model.parameters);
                   return no_message({});
               },
               {});
        return after;
    };
    CHECK(same_bits(trained(9, 3), trained(9, 3)));
    CHECK_FALSE(same_bits(trained(9, 3), trained(9, 4)));
    CHECK_FALSE(same_bits(trained(9, 3), trained(8, 3)));
}

TEST_CASE("what the observer throws ends the training") {
    TrainableModel model = bigram_model();
    TrainingClient client(model, first_order_trainer({.steps = 2}), 9);
    const auto stop = [](std::int64_t, std::int64_t, double) { throw std::runtime_error("stop"); };
    CHECK_THROWS_WITH(client(participant(0), round_three, no_message, stop), "stop");
}
