#include "run/traffic_estimate.hpp"

#include <ferret/error.hpp>

#include "model/llama.hpp"
#include "run/make_algorithm.hpp"
#include "support/bigram_model.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"

using namespace fed_llm;

namespace {

struct Moved {
    double up = 0.0;
    double down = 0.0;
};

/// What a round of three clients really moves.
Moved play(const Options& options) {
    LlamaConfig config = tiny_config();
    Llama llama = tiny_model(config);
    TrainableModel model = trainable(llama);
    const FederatedDataset dataset = random_dataset(3);
    const auto algorithm = make_algorithm(options, model);
    Moved moved;
    for (std::size_t id = 0; id < 3; ++id) {
        const auto update = algorithm->client_update({id, dataset.clients[id]}, {1, 1.0}, {});
        CAPTURE(update.failure);
        REQUIRE(update.failure.empty());
        moved.up += static_cast<double>(update.message.size()) / 3.0;
        algorithm->receive(update.message);
    }
    moved.down = static_cast<double>(algorithm->aggregate({1, 1.0}));
    return moved;
}

/// From shapes alone.
Traffic estimate(const Options& options) {
    const Llama llama(tiny_config(), torch::TensorOptions().device(torch::kMeta));
    return estimate_traffic(options, trainable(llama), 3);
}

Options small_steps(const std::string& algorithm) {
    Options options;
    options.algorithm = algorithm;
    options.local_steps = 3;
    options.batch_size = 1;
    options.lr = 1e-3;
    options.budget = 200;
    options.pool_size = 50;
    return options;
}

}  // namespace

TEST_CASE("bytes that do not depend on the updates are told exactly") {
    std::vector<Options> all;
    for (const std::string algorithm : {"fedavg", "fedzo", "fedit", "fedit-sgd"}) {
        all.push_back(small_steps(algorithm));
    }
    for (const std::string seeds : {"shared", "per-client"}) {
        for (const std::string basis : {"truncated-normal", "sparse-sign"}) {
            for (const std::string format : {"float32", "int16"}) {
                Options options = small_steps("ferret");
                options.budget_rule = "proportional";
                options.seeds = seeds;
                options.basis = basis;
                options.coordinates = format;
                all.push_back(options);
            }
        }
    }
    for (const Options& options : all) {
        CAPTURE(options.algorithm);
        CAPTURE(options.seeds);
        CAPTURE(options.basis);
        const Moved moved = play(options);
        const Traffic traffic = estimate(options);
        CHECK(traffic.exact);
        CHECK(traffic.up == doctest::Approx(moved.up).epsilon(1e-12));  // a mean in double
        CHECK(traffic.down == moved.down);
    }
}

TEST_CASE("other bytes are told about") {
    for (const std::string algorithm : {"fedkseed", "fedkseed-pro", "top-k"}) {
        CAPTURE(algorithm);
        const Options options = small_steps(algorithm);
        const Moved moved = play(options);
        const Traffic traffic = estimate(options);
        CHECK_FALSE(traffic.exact);
        // Nine draws of fifty, and entries that clients share.
        CHECK(traffic.up == doctest::Approx(moved.up).epsilon(0.25));
        CHECK(traffic.down == doctest::Approx(moved.down).epsilon(0.4));
    }
    // Its shares follow the blocks' norms, of which nothing is known: only the order of magnitude.
    const Options published = small_steps("ferret-public");
    CHECK(estimate(published).up < 4.0 * play(published).up);
    CHECK(estimate(published).up > 0.25 * play(published).up);
    const Options ferret = small_steps("ferret");
    CHECK(estimate(ferret).up == doctest::Approx(play(ferret).up).epsilon(1e-12));
    CHECK_FALSE(estimate(ferret).exact);
}

TEST_CASE("FedKSeed-Pro sends a number a step, however few directions there are") {
    Options options = small_steps("fedkseed-pro");
    options.pool_size = 4;
    options.local_steps = 20;
    CHECK(estimate(options).up == play(options).up);
}

TEST_CASE("what no run can have is refused") {
    Options options = small_steps("ferret");
    options.budget = 1;
    CHECK_THROWS_AS(estimate(options), ferret::InvalidBudget);
    options.algorithm = "unknown";
    CHECK_THROWS_AS(estimate(options), std::invalid_argument);
}
