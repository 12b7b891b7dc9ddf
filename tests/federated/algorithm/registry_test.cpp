#include "federated/algorithm/registry.hpp"

#include <algorithm>
#include <ferret/error.hpp>
#include <ferret/wire.hpp>
#include <map>
#include <set>
#include <string>

#include "federated/message/round_message.hpp"
#include "federated/options/algorithm_option_list.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "federated/transport/transport.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// A model whose table has a name that FedIT adapts.
TrainableModel adaptable_model() {
    TrainableModel model = bigram_model();
    model.names[0] = "self_attn.q_proj.weight";
    return model;
}

/// The same without values.
TrainableModel shapes_of_it() {
    TrainableModel model = adaptable_model();
    for (torch::Tensor& parameter : model.parameters) {
        parameter = torch::empty_like(parameter, torch::TensorOptions().device(torch::kMeta));
    }
    return model;
}

AlgorithmOptions small_steps(std::string_view algorithm) {
    AlgorithmOptions options;
    options.algorithm = algorithm;
    options.local_steps = 3;
    options.batch_size = 1;
    options.lr = 1e-3;
    options.budget = 200;
    options.pool_size = 50;
    options.lora_rank = 2;
    options.server_lr = 1.0;
    return options;
}

/// What a round of three clients really moves.
Traffic play(const AlgorithmOptions& options) {
    TrainableModel model = adaptable_model();
    Roles roles{make_client(options, model), make_server(options, model)};
    const RoundResult result = play_round(roles, 3, {1, 1.0});
    Traffic moved;
    for (const auto& message : result.messages) {
        moved.up += static_cast<double>(update_header_size + message.size()) / 3.0;
    }
    moved.down = static_cast<double>(broadcast_header_size + result.broadcast.size() + seal_size);
    return moved;
}

Traffic estimate(const AlgorithmOptions& options) {
    return estimate_traffic(options, shapes_of_it(), 3);
}

std::map<std::string, double> memory(const std::string& algorithm, const std::string& optimizer) {
    AlgorithmOptions options = small_steps(algorithm);
    options.optimizer = optimizer;
    std::map<std::string, double> parts;
    for (const auto& [what, bytes] : estimate_memory(options, shapes_of_it(), 7)) {
        parts[std::string(what)] = bytes;
    }
    return parts;
}

}  // namespace

TEST_CASE("every algorithm has a name, a summary, and options that there are") {
    std::set<std::string> keys;
    AlgorithmOptions options;
    visit_algorithm_options(options, [&](const std::string& key, const auto&, const auto&,
                                         const auto&, const auto&) { keys.insert(key); });
    std::set<std::string_view> names;
    for (const AlgorithmEntry* entry : algorithms()) {
        CAPTURE(std::string(entry->name));
        CHECK(names.insert(entry->name).second);
        CHECK_FALSE(entry->summary.empty());
        CHECK(&find_algorithm(entry->name) == entry);
        for (const std::string_view key : entry->options) CHECK(keys.contains(std::string(key)));
    }
    CHECK(names.size() == algorithm_names().size());
    CHECK_THROWS_AS(find_algorithm("ferrets"), std::invalid_argument);
}

TEST_CASE("who reads an option") {
    CHECK(readers_of("budget") == "ferret, top-k");
    CHECK(readers_of("budget-down") == "ferret, top-k");
    CHECK(readers_of("coordinates") == "ferret, top-k");
    CHECK(readers_of("lr").empty());
    CHECK(reads_option(find_algorithm("top-k"), "budget"));
    CHECK_FALSE(reads_option(find_algorithm("fedavg"), "budget"));
    CHECK(reads_option(find_algorithm("fedavg"), "lr"));
}

TEST_CASE("the options' algorithm is made, with their settings") {
    TrainableModel model = bigram_model();
    AlgorithmOptions options;
    options.basis = "rademacher";
    options.budget = 30;
    options.budget_rule = "uniform";
    options.layout = "per-tensor";
    options.local_steps = 1;
    const auto client = make_client(options, model);
    const auto update = client->train(participant(0), {1, 1.0}, {}, {});
    const ferret::Sketch sketch = ferret::decode(update.message);
    CHECK(sketch.basis == ferret::Rademacher::id);
    CHECK(sketch.bases_per_block == std::vector<std::uint32_t>{15, 15});
    options.budget = 1;
    CHECK_THROWS_AS(make_client(options, model), ferret::InvalidBudget);
    options.algorithm = "ferrets";
    CHECK_THROWS_AS(make_client(options, model), std::invalid_argument);
    CHECK_THROWS_AS(make_server(options, model), std::invalid_argument);
}

TEST_CASE("FedIT has the optimiser of its name, whatever the options say") {
    std::vector<std::vector<std::byte>> messages;
    for (const std::string name : {"fedit", "fedit-sgd"}) {
        for (const std::string optimizer : {"sgd", "adamw"}) {
            TrainableModel model = adaptable_model();
            AlgorithmOptions options = small_steps(name);
            options.optimizer = optimizer;
            messages.push_back(
                make_client(options, model)->train(participant(0), {1, 1.0}, {}, {}).message);
        }
    }
    CHECK((messages[0] == messages[1]));
    CHECK((messages[2] == messages[3]));
    CHECK((messages[0] != messages[2]));
}

TEST_CASE("an algorithm that cannot spread an update refuses shards") {
    InProcess processes;
    for (const AlgorithmEntry* entry : algorithms()) {
        CAPTURE(std::string(entry->name));
        TrainableModel model = adaptable_model();
        const AlgorithmOptions options = small_steps(entry->name);
        if (entry->shards) {
            CHECK(make_client(options, model, &processes) != nullptr);
        } else {
            CHECK_THROWS_AS(make_client(options, model, &processes), std::invalid_argument);
        }
    }
}

TEST_CASE("bytes that do not depend on the updates are told exactly") {
    std::vector<AlgorithmOptions> all;
    for (const std::string algorithm : {"fedavg", "fedzo", "fedit", "fedit-sgd", "sign-feedback"}) {
        all.push_back(small_steps(algorithm));
    }
    for (const std::string seeds : {"shared", "per-client"}) {
        for (const std::string basis : {"truncated-normal", "sparse-sign"}) {
            for (const std::string format : {"float32", "int16", "1bit", "3bit"}) {
                AlgorithmOptions options = small_steps("ferret");
                options.budget_rule = "proportional";
                options.seeds = seeds;
                options.basis = basis;
                options.coordinates = format;
                options.coordinates_down = "2bit";
                all.push_back(options);
                options.broadcast = "sketches";
                all.push_back(options);
            }
        }
    }
    for (const AlgorithmOptions& options : all) {
        CAPTURE(options.algorithm);
        CAPTURE(options.seeds);
        CAPTURE(options.basis);
        const Traffic moved = play(options);
        const Traffic traffic = estimate(options);
        CHECK(traffic.exact);
        CHECK(traffic.up == doctest::Approx(moved.up).epsilon(1e-12));  // a mean in double
        CHECK(traffic.down == moved.down);
    }
}

TEST_CASE("other bytes are told about") {
    for (const std::string algorithm : {"fedkseed", "fedkseed-pro"}) {
        CAPTURE(algorithm);
        const AlgorithmOptions options = small_steps(algorithm);
        const Traffic moved = play(options);
        const Traffic traffic = estimate(options);
        CHECK_FALSE(traffic.exact);
        // Nine draws of fifty.
        CHECK(traffic.up == doctest::Approx(moved.up).epsilon(0.25));
        CHECK(traffic.down == doctest::Approx(moved.down).epsilon(0.4));
    }
    for (const std::string format : {"float32", "8bit", "1bit"}) {
        for (const std::int64_t down : {0, 10, 1000}) {
            AlgorithmOptions options = small_steps("top-k");
            options.budget = 40;
            options.budget_down = down;
            options.coordinates = options.coordinates_down = format;
            CAPTURE(format);
            CAPTURE(down);
            const Traffic moved = play(options);
            const Traffic traffic = estimate(options);
            CHECK_FALSE(traffic.exact);
            // The headers are known, the gaps between the indices are not.
            CHECK(traffic.up == doctest::Approx(moved.up).epsilon(0.05));
            // With all entries down: those that several clients send come once.
            CHECK(traffic.down == doctest::Approx(moved.down).epsilon(down == 1000 ? 0.4 : 0.05));
        }
    }
    // Its shares follow the blocks' norms, of which nothing is known: only the order of magnitude.
    const AlgorithmOptions published = small_steps("ferret-public");
    CHECK(estimate(published).up < 4.0 * play(published).up);
    CHECK(estimate(published).up > 0.25 * play(published).up);
    AlgorithmOptions ferret = small_steps("ferret");
    ferret.layout = "grouped";
    ferret.budget_rule = "norm-share";
    CHECK(estimate(ferret).up == doctest::Approx(play(ferret).up).epsilon(1e-12));
    CHECK_FALSE(estimate(ferret).exact);
}

TEST_CASE("FedKSeed-Pro sends a number a step, however few directions there are") {
    AlgorithmOptions options = small_steps("fedkseed-pro");
    options.pool_size = 4;
    options.local_steps = 20;
    CHECK(estimate(options).up == play(options).up);
}

TEST_CASE("a number format that the algorithm has not is refused, naming those that it has") {
    TrainableModel model = bigram_model();
    const auto refuses = [&](const std::string& algorithm, const std::string& format,
                             const std::string& problem) {
        AlgorithmOptions options = small_steps(algorithm);
        options.coordinates = format;
        CHECK_THROWS_WITH_AS(make_client(options, model), problem.c_str(), std::invalid_argument);
        CHECK_THROWS_WITH_AS(make_server(options, model), problem.c_str(), std::invalid_argument);
        CHECK_THROWS_WITH_AS(estimate(options), problem.c_str(), std::invalid_argument);
    };
    refuses("top-k", "int16", "coordinates of top-k: expected float32, 8bit or 1bit, got 'int16'");
}

TEST_CASE("a budget that the model cannot take has no traffic") {
    AlgorithmOptions options = small_steps("ferret");
    options.budget = 1;
    CHECK_THROWS_AS(estimate(options), ferret::InvalidBudget);
    options = small_steps("top-k");
    options.budget = 273;
    CHECK_THROWS_AS(estimate(options), ferret::InvalidBudget);
}

TEST_CASE("memory has the parts of the algorithm") {
    const double model = 4.0 * (256.0 + 16.0);
    auto ferret = memory("ferret", "sgd");
    for (const std::string part : {"weights", "copy of the round's weights", "gradients"}) {
        CHECK(ferret[part] == model);
    }
    CHECK_FALSE(ferret.contains("optimiser"));
    CHECK_FALSE(ferret.contains("sum of the updates"));
    CHECK(memory("ferret", "adamw")["optimiser"] == 2.0 * model);
    CHECK(memory("fedavg", "sgd")["sum of the updates"] == model);
    for (const std::string algorithm : {"top-k", "sign-feedback"}) {
        auto feedback = memory(algorithm, "sgd");
        CHECK(feedback["residuals of all clients"] == 7.0 * model);
        CHECK(feedback["residual of the server"] == model);
        CHECK(feedback["gradients"] == model);
    }
    CHECK(memory("sign-feedback", "sgd")["sum of the updates"] == model);

    auto kseed = memory("fedkseed", "adamw");
    CHECK(kseed["first weights"] == model);
    CHECK_FALSE(kseed.contains("gradients"));
    CHECK_FALSE(kseed.contains("optimiser"));

    const double adapters = 4.0 * 2.0 * (16.0 + 16.0);  // rank 2
    auto lora = memory("fedit", "sgd");
    CHECK(lora["adapters"] == adapters);
    CHECK(lora["gradients"] == adapters);
    CHECK(lora["optimiser"] == 2.0 * adapters);
    CHECK_FALSE(memory("fedit-sgd", "adamw").contains("optimiser"));
}

TEST_CASE("the server rate is 1 unless the options say otherwise") {
    AlgorithmOptions options;
    CHECK(server_rate_of(options) == 1.0);
    options.server_lr = 0.7;
    CHECK(server_rate_of(options) == 0.7);
}

TEST_CASE("options that leave things open are completed within the bytes, the headers among them") {
    const TrainableModel model = bigram_model();
    AlgorithmOptions options;
    options.bytes = "160";
    options.bytes_down = "1/2";
    const AlgorithmOptions complete = complete_options(options, model, 3);
    CHECK(complete.budget > 0);
    CHECK(complete.coordinates != "auto");
    const Traffic traffic = estimate_traffic(complete, model, 3);
    CHECK(traffic.up <= 160.0);
    CHECK(traffic.up > 120.0);
    CHECK(traffic.down <= 0.5 * estimate_traffic(small_steps("fedavg"), model, 3).up);
    options.budget = 40;
    CHECK_THROWS_AS(complete_options(options, model, 3), std::invalid_argument);
    options.bytes.clear();
    CHECK_THROWS_AS(complete_options(options, model, 3), std::invalid_argument);  // --bytes-down
    options.bytes_down.clear();
    CHECK(complete_options(options, model, 3).budget == 40);
    // Those who read no bytes are left as they are.
    CHECK(complete_options(small_steps("fedzo"), model, 3).budget == small_steps("fedzo").budget);
}
