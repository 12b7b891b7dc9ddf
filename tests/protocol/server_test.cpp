#include "protocol/federation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

using ferret::Plan;
using ferret::Server;
using ferret::Sketch;
using ferret::UpdateMessage;
using ferret_test::answer;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_model;
using ferret_test::Model;
using ferret_test::same_models;
using ferret_test::small_plan;

namespace {

/// The sketches that a round's broadcast brings.
std::vector<Sketch> sketches_of(const std::vector<std::byte>& broadcast) {
    std::vector<Sketch> sketches;
    for (const std::vector<std::byte>& message : ferret::decode_broadcast(broadcast).sketches)
        sketches.push_back(ferret::decode(message));
    return sketches;
}

/// Sends the clients' answers of round 1. Returns the sketches that the server reads in them.
std::vector<Sketch> send_answers(Server<>& server, const Plan& plan, const Model& model,
                                 std::initializer_list<std::uint64_t> clients) {
    std::vector<Sketch> sent;
    for (const std::uint64_t client : clients) {
        const std::vector<std::byte> message = answer(plan, model, 1, client);
        sent.push_back(ferret::decode_update(message).sketch);
        server.receive(message);
    }
    return sent;
}

/// An honest message of client 3 in round 1, changed.
template <class Change>
std::vector<std::byte> forged(const Plan& plan, const Change& change) {
    UpdateMessage message = ferret::decode_update(answer(plan, first_model(), 1, 3));
    change(message);
    return ferret::encode(message, plan.up);
}

}  // namespace

TEST_CASE("with shared bases the model follows one mean sketch") {
    const Plan plan = small_plan();
    Model model = first_model();
    Server server{plan, model};
    const std::vector<Sketch> sent = send_answers(server, plan, model, {0u, 1u, 2u});
    CHECK(server.received() == 3);
    Model expected = model;
    const std::vector<std::byte> broadcast = server.close(model, 0.5f);

    Sketch mean = ferret::sum(sent);
    mean.scale(1.0f / 3.0f);
    CHECK(sketches_of(broadcast) == std::vector<Sketch>{mean});
    ferret::Reconstructor{plan.layout, plan.basis}(mean, expected, -0.5f);
    CHECK(same_models(model, expected));
    CHECK(ferret::decode_broadcast(broadcast).model_after ==
          ferret::model_fingerprint(plan.layout, model));
    CHECK(server.round() == 2);
    CHECK(server.received() == 0);
}

TEST_CASE("with bases of their own all sketches travel down") {
    Plan plan = small_plan();
    plan.sharing = ferret::SeedSharing::per_client;
    Model model = first_model();
    Server server{plan, model};
    const std::vector<Sketch> sent = send_answers(server, plan, model, {0u, 1u});
    Model expected = model;
    const std::vector<std::byte> broadcast = server.close(model, 0.5f);
    CHECK(sketches_of(broadcast) == sent);
    ferret::Reconstructor{plan.layout, plan.basis}(std::span<const Sketch>(sent), expected, -0.25f);
    CHECK(same_models(model, expected));
}

TEST_CASE("SparseSign's sketches whose budgets followed their updates travel down one by one") {
    Plan plan = small_plan();
    plan.budget = ferret::NormShare{64};
    Model model = first_model();
    Server server{plan, model};
    Model steep = model;
    for (float& value : steep[1]) value += 5.0f;
    server.receive(answer(plan, model, 1, 0));
    server.receive(ferret::Client{plan, 1}(1, model, steep));
    CHECK(sketches_of(server.close(model, 0.5f)).size() == 2);
}

TEST_CASE("weights are the clients' examples, where asked for") {
    for (const auto sharing : {ferret::SeedSharing::shared, ferret::SeedSharing::per_client}) {
        Plan plan = small_plan();
        plan.sharing = sharing;
        Model model = first_model();
        Server server{plan, model, ferret::Weighting::by_examples};
        std::vector<Sketch> sent;
        for (const std::uint64_t client : {0u, 1u}) {
            const std::vector<std::byte> message = answer(plan, model, 1, client, 1 + 2 * client);
            sent.push_back(ferret::decode_update(message).sketch);
            server.receive(message);
        }
        // Powers of two: a quarter and three quarters are exact.
        std::vector<Sketch> expected;
        if (sharing == ferret::SeedSharing::shared) {
            Sketch mean = ferret::sum(sent, std::vector<double>{1.0, 3.0});
            mean.scale(0.25f);
            expected = {mean};
        } else {
            expected = sent;
            expected[0].scale(0.5f);
            expected[1].scale(1.5f);
        }
        CHECK(sketches_of(server.close(model, 1.0f)) == expected);
    }
}

TEST_CASE("the order in which messages come changes no bit") {
    std::optional<std::vector<std::byte>> first;
    for (const auto& order : {std::vector<std::uint64_t>{0, 1, 2}, {2, 1, 0}, {1, 2, 0}}) {
        Model model = first_model();
        Server server{small_plan(), model};
        for (const std::uint64_t client : order)
            server.receive(answer(small_plan(), model, 1, client));
        const std::vector<std::byte> broadcast = server.close(model, 0.3f);
        if (!first) first = broadcast;
        CHECK(broadcast == *first);
    }
}

TEST_CASE("any subset of the clients makes a round, none at all too") {
    Model model = first_model();
    Server server{small_plan(), model};
    server.receive(answer(small_plan(), model, 1, 17));
    server.close(model, 0.5f);
    model[0][0] = -0.0f;  // whose sign adding a zero would take
    Server again{small_plan(), model, ferret::Weighting::equal, 1};
    const Model before = model;
    const std::vector<std::byte> broadcast = again.close(model, 0.5f);
    CHECK(same_models(model, before));
    CHECK(sketches_of(broadcast).empty());
    CHECK(again.round() == 3);
}

TEST_CASE("coordinates travel down in the plan's format, and the server's model follows those") {
    Plan plan = small_plan();
    plan.down = ferret::CoordinateFormat::int16;
    Model model = first_model();
    Model other = model;
    Server server{plan, model};
    server.receive(answer(plan, model, 1, 0));
    const std::vector<std::byte> broadcast = server.close(model, 0.5f);
    ferret::Follower{plan}.apply(broadcast, other);
    CHECK(same_models(model, other));
}

TEST_CASE("what no client of this round can have sent is refused, and the round goes on") {
    const Plan plan = small_plan();
    Model model = first_model();
    Server server{plan, model};
    server.receive(answer(plan, model, 1, 0));

    const auto refuse = [&]<class Expected>(const std::vector<std::byte>& message,
                                            std::string_view part, Expected*) {
        const std::string found = error_message<Expected>([&] { server.receive(message); });
        CAPTURE(found);
        CHECK(contains(found, part));
    };
    refuse(answer(plan, model, 2, 3), "client 3: expected round 1, got 2",
           static_cast<ferret::WrongRound*>(nullptr));
    refuse(answer(plan, model, 1, 0), "client 0: expected one message a round, got another",
           static_cast<ferret::Duplicate*>(nullptr));
    Model flipped = model;
    flipped[1][3] = std::nextafter(flipped[1][3], 2.0f);
    refuse(answer(plan, flipped, 1, 3), "expected the model with fingerprint",
           static_cast<ferret::ModelMismatch*>(nullptr));
    const auto change = [&](auto&& how) { return forged(plan, how); };
    refuse(change([](UpdateMessage& m) { m.sketch.layout_fingerprint ^= 1; }),
           "expected layout fingerprint", static_cast<ferret::LayoutMismatch*>(nullptr));
    refuse(change([](UpdateMessage& m) { m.sketch.basis = ferret::Rademacher::id; }),
           "expected basis sparse-sign, got rademacher",
           static_cast<ferret::SketchMismatch*>(nullptr));
    refuse(change([](UpdateMessage& m) { m.sketch.seed.round = 0; }), "expected the plan's seed",
           static_cast<ferret::SketchMismatch*>(nullptr));
    refuse(change([](UpdateMessage& m) {
               m.sketch.coordinates.pop_back();
               --m.sketch.bases_per_block[1];
           }),
           "expected 64 coordinates, got 63", static_cast<ferret::SketchMismatch*>(nullptr));
    refuse(change([](UpdateMessage& m) {
               --m.sketch.bases_per_block[1];
               ++m.sketch.bases_per_block[0];
           }),
           "expected the plan's bases of every block",
           static_cast<ferret::SketchMismatch*>(nullptr));
    CHECK_THROWS_AS(server.receive({}), ferret::WireError);

    CHECK(server.received() == 1);
    server.receive(answer(plan, model, 1, 3));
    CHECK(server.received() == 2);
}

TEST_CASE("weights need examples") {
    const Model model = first_model();
    Server server{small_plan(), model, ferret::Weighting::by_examples};
    CHECK(contains(error_message<ferret::Malformed>(
                       [&] { server.receive(answer(small_plan(), model, 1, 4, 0)); }),
                   "client 4: expected examples, got none"));
}

TEST_CASE("a round that cannot be closed stays open, and the model untouched") {
    Model model = first_model();
    Server server{small_plan(), model};
    server.receive(answer(small_plan(), model, 1, 0));
    const Model before = model;
    CHECK_THROWS_AS(server.close(model, std::numeric_limits<float>::infinity()), ferret::NonFinite);
    CHECK(same_models(model, before));
    Model other = model;
    other[0][0] += 1.0f;
    CHECK_THROWS_AS(server.close(other, 0.5f), ferret::ModelMismatch);
    CHECK(server.round() == 1);
    CHECK(server.received() == 1);
    server.close(model, 0.5f);
    CHECK(server.round() == 2);
}

TEST_CASE(
    "coordinates of few bits: the server reads each client's own rotation and sends its own") {
    const ferret::Plan plan = ferret_test::few_bits_plan();
    Model model = first_model();
    Server server{plan, model};
    const std::vector<Sketch> sent = send_answers(server, plan, model, {4u, 9u});
    Sketch mean = ferret::sum(sent);
    mean.scale(0.5f);
    const ferret::Broadcast broadcast = ferret::decode_broadcast(server.close(model, 0.25f));
    REQUIRE(broadcast.sketches.size() == 1);
    CHECK(broadcast.sketches.front() == ferret::encode(mean, plan.down, 0));

    // The same update rounds differently at another client, so that roundings average out.
    const Model before = first_model();
    const auto message_of = [&](std::uint64_t client) {
        const Model after = ferret_test::trained(before, 1, 1);
        return ferret::decode_update(ferret::Client{plan, client}(1, before, after)).sketch;
    };
    CHECK(message_of(4) == message_of(4));
    CHECK(message_of(4).coordinates != message_of(9).coordinates);
}

TEST_CASE("a message with coordinates of another number of bits is refused") {
    const ferret::Plan plan = ferret_test::few_bits_plan();
    Model model = first_model();
    Server server{plan, model};
    ferret::Plan other = plan;
    for (const auto& [name, format] : ferret::coordinate_format_names) {
        if (format == plan.up) continue;
        other.up = format;
        CHECK_THROWS_AS(server.receive(answer(other, model, 1, 3)), ferret::Malformed);
    }
    CHECK(server.received() == 0);
    server.receive(answer(plan, model, 1, 3));
    CHECK(server.received() == 1);
}
