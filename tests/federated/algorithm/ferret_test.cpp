#include "federated/algorithm/ferret.hpp"

#include <algorithm>
#include <ferret/ferret.hpp>
#include <ferret/interop/torch.hpp>
#include <ferret/little_endian.hpp>
#include <ferret/protocol.hpp>
#include <ferret/wire/rotation.hpp>
#include <stdexcept>
#include <utility>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/algorithm/ferret_broadcast.hpp"
#include "federated/model/model_layout.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/support/play_round.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

constexpr LocalTraining training{.steps = 3, .batch_size = 2};
constexpr std::uint64_t parameters = 16 * 16 + 16;

constexpr auto exact = ferret::CoordinateFormat::float32;

FerretPlan plan_for(const TrainableModel& model, const std::string& basis, const std::string& rule,
                    std::uint64_t budget) {
    return {.sketch = {.layout = make_layout(model, LayoutKind::per_tensor),
                       .basis = ferret::parse_basis(basis),
                       .budget = ferret::parse_budget_rule(rule, budget),
                       .seed = 5,
                       .up = exact,
                       .down = exact},
            .bases = BasesChoice::shared,
            .broadcast = BroadcastKind::sketches,
            .budget_down = ferret::parse_budget_rule(rule, budget)};
}

/// Each client with bases of its own.
void own_bases(FerretPlan& plan) {
    plan.bases = BasesChoice::per_client;
    plan.sketch.sharing = ferret::SeedSharing::per_client;
}

FerretClient client_of(TrainableModel& model, const FerretPlan& plan) {
    return {model, first_order_trainer(training), plan};
}

Roles roles_of(TrainableModel& model, const FerretPlan& plan) {
    return {std::make_unique<FerretClient>(model, first_order_trainer(training), plan),
            std::make_unique<FerretServer>(plan)};
}

std::vector<ferret::Sketch> sketches_in(const std::vector<std::vector<std::byte>>& messages) {
    std::vector<ferret::Sketch> sketches;
    for (const auto& message : messages) sketches.push_back(ferret::decode(message));
    return sketches;
}

/// A broadcast's bytes beside its sketches', and beside each of them.
constexpr std::size_t frame_size = 32;
constexpr std::size_t length_size = 8;

}  // namespace

TEST_CASE("with as many sparse-sign bases as parameters Ferret is FedAvg") {
    TrainableModel averaged = bigram_model();
    Roles fed_avg{std::make_unique<FedAvgClient>(averaged, first_order_trainer(training), 5),
                  std::make_unique<FedAvgServer>(averaged.parameters)};
    play_round(fed_avg, 3, {1, 0.7});
    for (const auto sharing : {ferret::SeedSharing::shared, ferret::SeedSharing::per_client}) {
        TrainableModel model = bigram_model();
        FerretPlan plan = plan_for(model, "sparse-sign", "proportional", parameters);
        if (sharing == ferret::SeedSharing::per_client) own_bases(plan);
        Roles roles = roles_of(model, plan);
        play_round(roles, 3, {1, 0.7});
        for (std::size_t i = 0; i < model.parameters.size(); ++i) {
            // Each basis then holds one entry, so only a few float roundings of entries below 1
            // are left.
            CHECK(torch::allclose(model.parameters[i], averaged.parameters[i], 0.0, 1e-6));
        }
    }
}

TEST_CASE("the model takes the step that the messages describe") {
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "truncated-normal", "norm-share", 40);
    own_bases(plan);
    Roles roles = roles_of(model, plan);
    Weights expected = clone_weights(model.parameters);
    const RoundResult result = play_round(roles, 3, {1, 0.5});

    const ferret::Reconstructor<> reconstruct(plan.sketch.layout, plan.sketch.basis);
    const auto sketches = sketches_in(result.messages);
    reconstruct(std::span(sketches), expected, -0.5f / 3.0f);
    CHECK(same_bits(model.parameters, expected));
}

TEST_CASE("with shared seeds one sketch travels down, and the model follows its bytes") {
    for (const auto format : {ferret::CoordinateFormat::float32, ferret::CoordinateFormat::int16}) {
        TrainableModel model = bigram_model();
        FerretPlan plan = plan_for(model, "rademacher", "uniform", 40);
        plan.sketch.up = plan.sketch.down = format;
        Roles roles = roles_of(model, plan);
        Weights expected = clone_weights(model.parameters);
        const RoundResult result = play_round(roles, 3, {1, 0.5});
        CHECK(result.broadcast.size() == frame_size + length_size + result.messages[0].size());

        ferret::Sketch mean = ferret::sum(sketches_in(result.messages));
        mean.scale(1.0f / 3.0f);
        const ferret::Reconstructor<> reconstruct(plan.sketch.layout, plan.sketch.basis);
        reconstruct(ferret::decode(ferret::encode(mean, format)), expected, -0.5f);
        CHECK(same_bits(model.parameters, expected));
    }
}

TEST_CASE("its rounds are those of the library's roles, for the same training") {
    constexpr std::size_t before_sketch = 46, after_sketch = 8;  // bytes of a client's update
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "sparse-sign", "uniform", 128);
    plan.sketch.up = ferret::CoordinateFormat::one_bit;
    plan.sketch.down = ferret::CoordinateFormat::two_bits;
    std::vector<Weights> trained;
    const auto record = [&trained, train = first_order_trainer(training)](
                            TrainableModel& tuned, const auto&... arguments) {
        LocalResult result = train(tuned, arguments...);
        trained.push_back(clone_weights(tuned.parameters));
        return result;
    };
    Roles roles{std::make_unique<FerretClient>(model, record, plan),
                std::make_unique<FerretServer>(plan)};
    Weights weights = clone_weights(model.parameters);
    ferret::Server server{plan.sketch, weights};
    for (std::uint64_t round = 1; round <= 3; ++round) {
        trained.clear();
        const RoundResult result = play_round(roles, 3, {static_cast<std::int64_t>(round), 0.5});
        for (std::uint64_t id = 0; id < 3; ++id) {
            const ferret::Client client{plan.sketch, id};
            const auto update = client(round, weights, trained[id]);
            const bool same_sketch =
                std::equal(update.begin() + before_sketch, update.end() - after_sketch,
                           result.messages[id].begin(), result.messages[id].end());
            CHECK(same_sketch);
            server.receive(update);
        }
        const auto broadcast = ferret::decode_broadcast(server.close(weights, 0.5f));
        const bool same_mean =
            decode_ferret_broadcast(result.broadcast).sketches == broadcast.sketches;
        CHECK(same_mean);
        CHECK(same_bits(model.parameters, weights));
    }
}

TEST_CASE("sketches over other bases travel down one by one") {
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "gaussian", "norm-share", 40);
    own_bases(plan);
    Roles roles = roles_of(model, plan);
    const RoundResult result = play_round(roles, 3, {1, 0.5});
    std::size_t size = frame_size;
    for (const auto& message : result.messages) size += length_size + message.size();
    CHECK(result.broadcast.size() == size);
}

TEST_CASE("sketches with other numbers of bases add, unless they are sparse-sign") {
    for (const std::string basis : {"rademacher", "sparse-sign"}) {
        TrainableModel model = bigram_model();
        const FerretPlan plan = plan_for(model, basis, "norm-share", 24);
        Roles roles = roles_of(model, plan);
        Weights expected = clone_weights(model.parameters);
        std::vector<ferret::Sketch> sketches;
        std::size_t each = frame_size;
        for (const std::string rule : {"uniform", "proportional"}) {
            const ferret::Projector<> project(plan.sketch.layout, plan.sketch.basis,
                                              ferret::parse_budget_rule(rule, 24));
            sketches.push_back(project(model.parameters, plan.sketch.seed_of(1, 0)));
            const auto message = ferret::encode(sketches.back());
            roles.server->receive(participant(sketches.size()), {1, 1.0}, message);
            each += length_size + message.size();
        }
        REQUIRE(sketches[0].bases_per_block != sketches[1].bases_per_block);
        const auto broadcast = roles.server->close({1, 1.0});
        if (basis == "rademacher") {
            CHECK(broadcast.size() ==
                  frame_size + length_size + ferret::encode(ferret::sum(sketches)).size());
        } else {
            CHECK(broadcast.size() == each);
        }
        roles.client->follow({1, 1.0}, broadcast);
        const ferret::Reconstructor<> reconstruct(plan.sketch.layout, plan.sketch.basis);
        reconstruct(std::span<const ferret::Sketch>(sketches), expected, -0.5f);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            // The same step either way, up to float roundings of entries below 10.
            CHECK(torch::allclose(model.parameters[i], expected[i], 0.0, 1e-5));
        }
    }
}

TEST_CASE("seeds are shared or not, and fresh or not") {
    const auto seed = [&](ferret::SeedSharing sharing, ferret::SeedRefresh refresh,
                          std::int64_t round, std::uint64_t id) {
        TrainableModel model = bigram_model();
        FerretPlan plan = plan_for(model, "rademacher", "uniform", 40);
        if (sharing == ferret::SeedSharing::per_client) own_bases(plan);
        plan.sketch.refresh = refresh;
        const auto update = client_of(model, plan).train(participant(id), {round, 1.0}, {}, {});
        return ferret::decode(update.message).seed;
    };
    using enum ferret::SeedSharing;
    using enum ferret::SeedRefresh;
    CHECK(seed(shared, each_round, 1, 0) == seed(shared, each_round, 1, 1));
    CHECK(seed(shared, each_round, 1, 0) != seed(shared, each_round, 2, 0));
    CHECK(seed(shared, fixed, 1, 0) == seed(shared, fixed, 2, 1));
    CHECK(seed(per_client, each_round, 1, 0) != seed(per_client, each_round, 1, 1));
    CHECK(seed(per_client, each_round, 1, 0) != seed(per_client, each_round, 2, 0));
    CHECK(seed(per_client, fixed, 1, 0) == seed(per_client, fixed, 2, 0));
    CHECK(seed(per_client, fixed, 1, 0) != seed(per_client, fixed, 1, 1));
}

TEST_CASE("messages no client can have sent are refused, and broadcasts no server can have") {
    TrainableModel model = bigram_model();
    const FerretPlan plan = plan_for(model, "rademacher", "uniform", 40);
    Roles roles = roles_of(model, plan);
    const auto receive = [&](const std::vector<std::byte>& message, std::int64_t round = 1) {
        roles.server->receive(participant(0), {round, 1.0}, message);
    };
    CHECK_THROWS_AS(receive({}), ferret::WireError);
    CHECK_THROWS_AS(roles.server->close({1, 1.0}), std::logic_error);

    FerretPlan other = plan;
    other.sketch.layout = ferret::Layout::uniform({256, 16}, 100);
    const auto foreign = client_of(model, other).train(participant(0), {1, 1.0}, {}, {});
    CHECK_THROWS_AS(receive(foreign.message), ferret::LayoutMismatch);

    const auto message_of = [&](const std::string& basis, const std::string& rule,
                                std::uint64_t budget) {
        FerretClient client = client_of(model, plan_for(model, basis, rule, budget));
        return client.train(participant(0), {1, 1.0}, {}, {}).message;
    };
    CHECK_THROWS_WITH_AS(receive(message_of("gaussian", "uniform", 40)),
                         "Ferret message: expected basis rademacher, got gaussian",
                         ferret::SketchMismatch);
    CHECK_THROWS_WITH_AS(receive(message_of("rademacher", "uniform", 41)),
                         "Ferret message: expected 40 coordinates, got 41", ferret::SketchMismatch);
    CHECK_THROWS_AS(receive(message_of("rademacher", "proportional", 40)), ferret::SketchMismatch);
    // Bases of another round's seed.
    CHECK_THROWS_AS(receive(message_of("rademacher", "uniform", 40), 2), ferret::SketchMismatch);
    receive(message_of("rademacher", "uniform", 40));

    const auto broadcast = roles.server->close({1, 1.0});
    const Weights start = clone_weights(model.parameters);
    for (std::size_t size = 0; size < broadcast.size(); ++size) {
        CHECK_THROWS_AS(roles.client->follow({1, 1.0}, std::span(broadcast).first(size)),
                        ferret::WireError);
    }
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("the options' names become those of the plan") {
    const TrainableModel model = bigram_model();
    AlgorithmOptions options;
    options.seeds = "per-client";
    options.seed_refresh = "fixed";
    options.coordinates = "int16";
    options.layout = "per-tensor";
    options.budget = 40;
    options.coordinates_down = "3bit";
    options.budget_down = 50;
    options.broadcast = "sketches";
    options.server_lr = 0.5;
    const FerretPlan plan = ferret_plan(options, model);
    CHECK(plan.bases == BasesChoice::per_client);
    CHECK(plan.sketch.sharing == ferret::SeedSharing::per_client);
    CHECK(plan.sketch.refresh == ferret::SeedRefresh::fixed);
    CHECK(plan.sketch.up == ferret::CoordinateFormat::int16);
    CHECK(plan.sketch.down == ferret::CoordinateFormat::three_bits);
    CHECK(plan.sketch.layout.block_count() == 2);
    CHECK(ferret::total_of(plan.budget_down) == 50);
    CHECK(plan.broadcast == BroadcastKind::sketches);
    CHECK_FALSE(plan.damped);
    for (std::string AlgorithmOptions::*const name :
         {&AlgorithmOptions::seeds, &AlgorithmOptions::seed_refresh, &AlgorithmOptions::coordinates,
          &AlgorithmOptions::coordinates_down, &AlgorithmOptions::layout,
          &AlgorithmOptions::broadcast}) {
        AlgorithmOptions wrong = options;
        wrong.*name = "other";
        CHECK_THROWS_AS(ferret_plan(wrong, model), std::invalid_argument);
    }
}

TEST_CASE("the mean of clients with bases of their own travels down as one sketch on shared ones") {
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "sparse-sign", "proportional", 40);
    own_bases(plan);
    plan.broadcast = BroadcastKind::mean;
    plan.budget_down = ferret::Proportional{64};
    plan.sketch.down = ferret::CoordinateFormat::four_bits;
    Roles roles = roles_of(model, plan);
    Weights expected = clone_weights(model.parameters);
    const RoundResult result = play_round(roles, 3, {2, 0.5});

    const ferret::Layout& layout = plan.sketch.layout;
    const ferret::Reconstructor<> reconstruct(layout, plan.sketch.basis);
    Weights mean{torch::zeros({16, 16}), torch::zeros({16})};
    const auto sketches = sketches_in(result.messages);
    reconstruct(std::span(sketches), mean, 1.0f / 3.0f);
    const ferret::Projector<> project(layout, plan.sketch.basis, plan.budget_down);
    const auto again = ferret::encode(project(mean, ferret::Seed{5, 2}), plan.sketch.down);
    const FerretBroadcast broadcast = decode_ferret_broadcast(result.broadcast);
    REQUIRE(broadcast.sketches.size() == 1);
    CHECK_FALSE(broadcast.clients_own);
    CHECK((broadcast.sketches[0] == again));
    CHECK(result.broadcast.size() ==
          ferret_broadcast_size(plan, ferret::SeedSharing::per_client, 3));
    reconstruct(ferret::decode(again), expected, -0.5f);
    CHECK(same_bits(model.parameters, expected));
}

TEST_CASE("coordinates of few bits: each client's rotation is its own, other formats are refused") {
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "sparse-sign", "proportional", 64);
    plan.sketch.up = plan.sketch.down = ferret::CoordinateFormat::one_bit;
    Roles roles = roles_of(model, plan);
    const RoundResult result = play_round(roles, 2, {1, 0.5});
    for (std::uint64_t id = 0; id < 2; ++id) {
        // Behind the header and the K of two blocks.
        constexpr std::size_t rotation_at = 36 + 2 * 4;
        CHECK(ferret::read_little_endian<std::uint32_t>(result.messages[id], rotation_at) ==
              ferret::rotation_of(id));
    }
    FerretPlan other = plan;
    other.sketch.up = ferret::CoordinateFormat::two_bits;
    const auto message = client_of(model, other).train(participant(0), {2, 1.0}, {}, {}).message;
    CHECK_THROWS_AS(roles.server->receive(participant(0), {2, 1.0}, message), ferret::Malformed);
}

TEST_CASE("the server tells how unlike its clients are, how far to follow, and the next bases") {
    TrainableModel model = bigram_model();
    FerretPlan plan = plan_for(model, "sparse-sign", "proportional", 136);
    plan.bases = BasesChoice::automatic;
    plan.broadcast = BroadcastKind::mean;
    plan.damped = true;
    const ferret::Projector<> project(plan.sketch.layout, plan.sketch.basis, plan.sketch.budget);
    const auto close = [&](bool alike, std::size_t clients) {
        FerretServer server(plan);
        for (std::uint64_t id = 0; id < clients; ++id) {
            // One direction for all, or one that nobody else has.
            Weights delta{torch::zeros({16, 16}), torch::zeros({16})};
            delta[0].view(-1)[alike ? 0 : static_cast<std::int64_t>(7 * id)] = 1.0f;
            const ferret::Sketch sketch = project(delta, plan.sketch.seed_of(1, id));
            server.receive(participant(id), {1, 1.0}, ferret::encode(sketch, exact));
        }
        const FerretBroadcast broadcast = decode_ferret_broadcast(server.close({1, 1.0}));
        return std::pair(broadcast, server.findings());
    };
    const auto [alike, of_alike] = close(true, 8);
    CHECK(metric_of(of_alike, "unlikeness") == doctest::Approx(1.0));
    CHECK(metric_of(of_alike, "noise") == doctest::Approx(1.0));  // d / K - 1
    CHECK(metric_of(of_alike, "own_bases") == 0.0);
    CHECK(alike.damping == ferret::damping_of(metric_of(of_alike, "noise"), 272));
    const auto [unlike, of_unlike] = close(false, 8);
    // Eight entries of 272 on 136 coordinates: a few of them may share one.
    CHECK(metric_of(of_unlike, "unlikeness") > 4.0);
    // Own bases: (1 + h / 8) 2 - 1, never less than the 1 of shared ones.
    CHECK(unlike.next == ferret::SeedSharing::shared);

    // Down again with as many coordinates as numbers, own bases cost nothing but their own noise.
    plan.budget_down = ferret::Proportional{parameters};
    CHECK(close(true, 8).first.next == ferret::SeedSharing::per_client);
    // ... and what was chosen outlives a restart, in both roles.
    FerretServer server(plan), resumed(plan);
    const ferret::Sketch sketch = project(bigram_model().parameters, plan.sketch.seed_of(1, 0));
    for (std::uint64_t id = 0; id < 8; ++id) {
        server.receive(participant(id), {1, 1.0}, ferret::encode(sketch, exact));
    }
    const auto broadcast = server.close({1, 1.0});
    resumed.restore(server.state());
    CHECK((resumed.state() == server.state()));
    FerretClient client = client_of(model, plan), late = client_of(model, plan);
    client.follow({1, 1.0}, broadcast);
    late.restore(client.state());
    CHECK((late.train(participant(3), {2, 1.0}, {}, {}).message ==
           client.train(participant(3), {2, 1.0}, {}, {}).message));
    const auto own = late.train(participant(4), {2, 1.0}, {}, {}).message;
    CHECK(ferret::decode(own).seed == plan.sketch.common_seed(2).derive(4));
    CHECK_THROWS_AS(late.restore({}), std::runtime_error);
    CHECK_THROWS_AS(resumed.restore({}), std::runtime_error);
}
