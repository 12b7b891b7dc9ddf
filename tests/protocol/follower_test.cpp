#include "protocol/federation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using ferret::Follower;
using ferret::Server;
using ferret_test::answer;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_model;
using ferret_test::Model;
using ferret_test::same_models;
using ferret_test::small_plan;

namespace {

/// The broadcasts of some rounds, and the model that they lead to.
struct Rounds {
    explicit Rounds(std::uint64_t count) {
        Server server{small_plan(), model};
        for (std::uint64_t round = 1; round <= count; ++round) {
            for (const std::uint64_t client : {1u, 4u})
                server.receive(answer(small_plan(), model, round, client));
            broadcasts.push_back(server.close(model, 0.25f));
        }
    }

    Model model = first_model();
    std::vector<std::vector<std::byte>> broadcasts;
};

}  // namespace

TEST_CASE("a follower has the server's model after every round") {
    const Rounds rounds(3);
    Model model = first_model();
    Follower follower{small_plan()};
    for (const std::vector<std::byte>& broadcast : rounds.broadcasts)
        follower.apply(broadcast, model);
    CHECK(follower.round() == 3);
    CHECK(same_models(model, rounds.model));
}

TEST_CASE("a broadcast out of order is refused") {
    const Rounds rounds(3);
    Model model = first_model();
    Follower follower{small_plan()};
    follower.apply(rounds.broadcasts[0], model);
    const Model untouched = model;
    for (const std::size_t other : {0u, 2u})
        CHECK(contains(error_message<ferret::WrongRound>(
                           [&] { follower.apply(rounds.broadcasts[other], model); }),
                       "broadcast: expected round 2, got " + std::to_string(other + 1)));
    CHECK(same_models(model, untouched));
    CHECK(follower.round() == 1);
}

TEST_CASE("one flipped bit is told in the next round, before anything is changed") {
    const Rounds rounds(2);
    Model model = first_model();
    Follower follower{small_plan()};
    follower.apply(rounds.broadcasts[0], model);
    model[1][77] = std::nextafter(model[1][77], 9.0f);
    const Model untouched = model;
    CHECK(contains(
        error_message<ferret::ModelMismatch>([&] { follower.apply(rounds.broadcasts[1], model); }),
        "model before round 2: expected fingerprint"));
    CHECK(same_models(model, untouched));
}

TEST_CASE("a machine that computes other bits than the server is told in that round") {
    const Rounds rounds(1);
    ferret::Broadcast broadcast = ferret::decode_broadcast(rounds.broadcasts[0]);
    broadcast.model_after ^= 1;
    Model model = first_model();
    Follower follower{small_plan()};
    CHECK(contains(
        error_message<ferret::ModelMismatch>([&] { follower.apply(encode(broadcast), model); }),
        "model after round 1: expected fingerprint"));
    CHECK(follower.round() == 0);
}

TEST_CASE("what no server of the plan sends leaves the model untouched") {
    const Rounds rounds(1);
    const ferret::Broadcast honest = ferret::decode_broadcast(rounds.broadcasts[0]);
    Model model = first_model();
    Follower follower{small_plan()};
    const auto refuse = [&]<class Expected>(const ferret::Broadcast& broadcast, Expected*) {
        CHECK_THROWS_AS(follower.apply(encode(broadcast), model), Expected);
        CHECK(same_models(model, first_model()));
    };
    ferret::Broadcast broadcast = honest;
    broadcast.scale = std::numeric_limits<float>::quiet_NaN();
    refuse(broadcast, static_cast<ferret::NonFinite*>(nullptr));
    broadcast = honest;
    broadcast.sketches.front().pop_back();
    refuse(broadcast, static_cast<ferret::WireError*>(nullptr));
    broadcast = honest;
    ferret::Sketch sketch = ferret::decode(honest.sketches.front());
    sketch.basis = ferret::Gaussian::id;
    broadcast.sketches.push_back(ferret::encode(sketch));
    refuse(broadcast, static_cast<ferret::SketchMismatch*>(nullptr));
}

TEST_CASE("followers read coordinates of the plan's number of bits alone") {
    const ferret::Plan plan = ferret_test::few_bits_plan();
    Model model = first_model();
    Model other = first_model();
    ferret::Server server{plan, model};
    server.receive(ferret_test::answer(plan, model, 1, 3));
    const std::vector<std::byte> broadcast = server.close(model, 0.25f);
    ferret::Plan of_other_bits = plan;
    of_other_bits.down = ferret::CoordinateFormat::four_bits;
    CHECK_THROWS_AS(Follower{of_other_bits}.apply(broadcast, other), ferret::Malformed);
    CHECK(same_models(other, first_model()));
    Follower{plan}.apply(broadcast, other);
    CHECK(same_models(other, model));
}
