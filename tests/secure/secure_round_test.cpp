#include "protocol/federation.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/secure.hpp>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

using ferret::Follower;
using ferret::Plan;
using ferret::SecureClient;
using ferret::SecureServer;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_model;
using ferret_test::Model;
using ferret_test::same_models;
using ferret_test::small_plan;
using ferret_test::trained;

namespace secure = ferret::secure;

namespace {

using Bytes = std::vector<std::byte>;

constexpr unsigned bits = 6;

/// Clients 0 to count - 1 and a server, who know each other's identities.
struct SecureFederation {
    explicit SecureFederation(const Plan& its_plan, std::size_t count = 4, float deviation = 0.3f,
                              float largest_deviation = (std::numeric_limits<float>::max)())
        : plan(its_plan), identity(secure::Identity::random()) {
        std::vector<secure::Identity> identities;
        for (std::uint64_t c = 0; c < count; ++c) {
            roster.push_back(c);
            identities.push_back(secure::Identity::random());
            directory[c] = identities.back().public_identity();
        }
        for (const std::uint64_t c : roster)
            clients.emplace(c, SecureClient{plan, secure::SumClient{c, identities[c], directory,
                                                                    identity.public_identity()}});
        server.emplace(plan, first_model(), secure::SumServer{identity, directory}, bits,
                       std::vector<float>{deviation}, std::uint64_t{0}, ferret::Cpu{},
                       largest_deviation);
    }

    /// Everything up to the server's sum. `silent` send no vector.
    void play(const Model& model, const std::set<std::uint64_t>& silent = {}) {
        const std::uint64_t round = server->round();
        opening = server->open(roster);
        for (auto& [c, client] : clients) server->receive(client.join(opening));
        const Bytes list = server->list_keys();
        for (auto& [c, client] : clients) server->receive(client.share(list));
        for (const auto& [c, delivery] : server->deliver_shares())
            if (!silent.contains(c))
                server->receive(clients.at(c).mask(delivery, model, trained(model, round, c)));
        const Bytes request = server->request_reveal();
        for (auto& [c, client] : clients)
            if (!silent.contains(c)) server->receive(client.reveal(request));
    }

    /// The grid of the round that was opened last.
    secure::CommonGrid grid() const {
        return secure::decode_round_terms(
                   secure::decode_opening(opening, identity.public_identity()).terms)
            .grid;
    }

    Plan plan;
    secure::Identity identity;
    secure::Directory directory;
    std::vector<std::uint64_t> roster;
    std::map<std::uint64_t, SecureClient<>> clients;
    std::optional<SecureServer<>> server;
    Bytes opening;
};

/// The broadcast of a server that sees all integers, adds them up and goes on as a plain one does.
Bytes plain_broadcast(const Plan& plan, const secure::CommonGrid& grid, std::uint64_t round,
                      const std::vector<std::uint64_t>& clients, Model& model, float rate) {
    const std::vector<std::uint32_t> bases = ferret::planned_bases(plan);
    const std::vector<ferret::RotatedChunk> chunks = ferret::cut_into_chunks(bases);
    const ferret::Seed seed{plan.seed, round};
    std::vector<std::uint32_t> sums(secure::grid_length(chunks, grid.bits), 0);
    ferret::Sketch mean;
    for (const std::uint64_t c : clients) {
        mean = ferret::Projector{plan.layout, plan.basis, plan.budget}(
            model, trained(model, round, c), plan.seed_of(round, c));
        const std::vector<std::uint32_t> integers =
            secure::round_to_grid(mean.coordinates, chunks, grid, seed, c, {}, "plain");
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += integers[i];
    }
    mean.coordinates = secure::read_grid(sums, clients.size(), chunks, grid, seed, {}).coordinates;
    ferret::Broadcast broadcast{round,
                                ferret::model_fingerprint(plan.layout, model),
                                0,
                                -rate,
                                {ferret::encode(mean, plan.down)}};
    ferret::Reconstructor{plan.layout, plan.basis}(ferret::decode(broadcast.sketches[0]), model,
                                                   -rate);
    broadcast.model_after = ferret::model_fingerprint(plan.layout, model);
    return ferret::encode(broadcast);
}

}  // namespace

TEST_CASE(
    "a secure round's broadcast is that of a plain one on the same integers, and any follower's") {
    for (const Plan& plan : {small_plan(), ferret_test::few_bits_plan()}) {
        SecureFederation federation(plan);
        Model model = first_model();
        Model plain = model;
        Model follows = model;
        Follower follower{plan};
        for (std::uint64_t round = 1; round <= 3; ++round) {
            // Client 2 drops out in the second round.
            const std::set<std::uint64_t> silent =
                round == 2 ? std::set<std::uint64_t>{2} : std::set<std::uint64_t>{};
            const std::vector<std::uint64_t> living = round == 2
                                                          ? std::vector<std::uint64_t>{0, 1, 3}
                                                          : std::vector<std::uint64_t>{0, 1, 2, 3};
            federation.play(model, silent);
            const secure::CommonGrid grid = federation.grid();
            const Bytes broadcast = federation.server->close(model, 0.5f);
            CHECK(broadcast == plain_broadcast(plan, grid, round, living, plain, 0.5f));
            follower.apply(broadcast, follows);
            CHECK(same_models(model, plain));
            CHECK(same_models(model, follows));
            CHECK(federation.server->round() == round + 1);
        }
    }
}

TEST_CASE("the mean is the clients' to within the grid's noise") {
    const Plan plan = small_plan();
    SecureFederation federation(plan);
    Model model = first_model();
    federation.play(model);
    const secure::CommonGrid grid = federation.grid();
    std::vector<ferret::Sketch> sketches;
    for (const std::uint64_t c : federation.roster)
        sketches.push_back(ferret::Projector{plan.layout, plan.basis, plan.budget}(
            model, trained(model, 1, c), plan.seed_of(1, c)));
    ferret::Sketch mean = ferret::sum(sketches);
    mean.scale(0.25f);
    const ferret::Sketch found = ferret::decode(
        ferret::decode_broadcast(federation.server->close(model, 0.5f)).sketches.at(0));
    REQUIRE(federation.server->clipped() == 0.0);
    // Each client's numbers err by at most a step, and the rotation keeps lengths.
    double squares = 0.0;
    for (std::size_t i = 0; i < mean.coordinates.size(); ++i) {
        const double error =
            static_cast<double>(mean.coordinates[i]) - static_cast<double>(found.coordinates[i]);
        squares += error * error;
    }
    CHECK(squares < 1.01 * 64.0 * static_cast<double>(grid.steps[0] * grid.steps[0]));
}

TEST_CASE("the next grid is made for the last round's deviations") {
    SecureFederation federation(small_plan(), 4, 1000.0f);
    Model model = first_model();
    CHECK(federation.server->deviations() == std::vector<float>{1000.0f});
    federation.play(model);
    CHECK(federation.grid() == secure::grid_of(bits, std::vector<float>{1000.0f}));
    federation.server->close(model, 0.0f);
    const std::vector<float> deviations = federation.server->deviations();
    CHECK(deviations[0] < 10.0f);
    federation.play(model);
    CHECK(federation.grid() == secure::grid_of(bits, deviations));
    federation.server->close(model, 0.0f);
    CHECK(federation.server->clipped() < 0.01);
}

TEST_CASE("a grid is made for no larger deviation than the server allows, whatever clients say") {
    const Plan plan = small_plan();
    SecureFederation federation(plan);
    Model model = first_model();
    federation.play(model);
    Model closed = model;
    const Bytes free = federation.server->close(closed, 0.5f);
    const float found = federation.server->deviations()[0];

    for (const float largest : {0.5f * found, found, 2.0f * found}) {
        SecureFederation limited(plan, 4, 0.3f, largest);
        Model same = model;
        limited.play(same);
        // The round's own mean is as it was.
        CHECK(limited.server->close(same, 0.5f) == free);
        CHECK(limited.server->deviations() == std::vector<float>{(std::min)(largest, found)});
        limited.play(same);
        CHECK(limited.grid() == secure::grid_of(bits, limited.server->deviations()));
    }
    for (const float none : {0.0f, -1.0f, std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()})
        CHECK_THROWS_AS((SecureFederation{plan, 4, 0.3f, none}), ferret::InvalidBudget);
}

TEST_CASE("a round with too few clients fails closed, is abandoned, and the next one works") {
    const Plan plan = small_plan();
    SecureFederation federation(plan);
    Model model = first_model();
    Model follows = model;
    Follower follower{plan};
    const auto play_with_two = [&] { federation.play(model, {0, 3}); };
    CHECK(contains(error_message<ferret::TooFewClients>(play_with_two),
                   "expected masked vectors of at least 3 clients, got 2"));
    CHECK_THROWS_AS(federation.server->close(model, 0.5f), ferret::WrongStep);
    CHECK(federation.server->round() == 1);
    // Those who masked an update in this round do so in no other of its number.
    const Bytes again = federation.server->open(federation.roster);
    CHECK_THROWS_AS(federation.clients.at(1).join(again), ferret::WrongRound);

    const Model before = model;
    follower.apply(federation.server->abandon(model), follows);
    CHECK(same_models(model, before));
    CHECK(federation.server->round() == 2);
    federation.play(model);
    follower.apply(federation.server->close(model, 0.5f), follows);
    CHECK(same_models(model, follows));
    CHECK_FALSE(same_models(model, before));
}

TEST_CASE("a close that is refused leaves the round open and the model as it was") {
    SecureFederation federation(small_plan());
    Model model = first_model();
    federation.play(model);
    const Model before = model;
    CHECK_THROWS_AS(federation.server->close(model, std::numeric_limits<float>::infinity()),
                    ferret::NonFinite);
    Model other = model;
    other[0][0] += 1.0f;
    CHECK_THROWS_AS(federation.server->close(other, 0.5f), ferret::ModelMismatch);
    CHECK_THROWS_AS(federation.server->abandon(other), ferret::ModelMismatch);
    CHECK(same_models(model, before));
    CHECK(federation.server->round() == 1);
    federation.server->close(model, 0.5f);
    CHECK(federation.server->round() == 2);
    CHECK_THROWS_AS(federation.server->close(model, 0.5f), ferret::WrongStep);
}

TEST_CASE("a client masks an update of the round's model alone") {
    SecureFederation federation(small_plan());
    Model model = first_model();
    Model other = model;
    other[1][7] += 1.0f;
    CHECK_THROWS_AS(federation.play(other), ferret::ModelMismatch);
    CHECK(federation.clients.at(0).masked_round() == 0);
    federation.play(model);
    CHECK(federation.clients.at(0).masked_round() == 1);
}

TEST_CASE("a client looks at its update only for a delivery that the server signed, in its step") {
    SecureFederation federation(small_plan());
    const Model model = first_model();
    Model other = model;
    other[1][7] += 1.0f;
    SecureClient<>& client = federation.clients.at(0);
    CHECK_THROWS_AS(client.mask({}, other, other), ferret::WrongStep);
    const Bytes opening = federation.server->open(federation.roster);
    for (auto& [c, each] : federation.clients) federation.server->receive(each.join(opening));
    const Bytes list = federation.server->list_keys();
    CHECK_THROWS_AS(client.mask(list, other, other), ferret::WrongStep);
    for (auto& [c, each] : federation.clients) federation.server->receive(each.share(list));
    const std::map<std::uint64_t, Bytes> deliveries = federation.server->deliver_shares();
    const Bytes forged = secure::encode(
        secure::decode_delivery(deliveries.at(0), federation.identity.public_identity()),
        secure::Identity::random());
    CHECK_THROWS_AS(client.mask(forged, other, other), ferret::Forged);
    CHECK_THROWS_AS(client.mask(deliveries.at(1), other, other), ferret::Malformed);
    CHECK_THROWS_AS(client.mask(deliveries.at(0), other, other), ferret::ModelMismatch);
    client.mask(deliveries.at(0), model, trained(model, 1, 0));
    client.end();
    CHECK_THROWS_AS(client.reveal({}), ferret::WrongStep);
    CHECK(client.masked_round() == 1);
}

TEST_CASE("a client joins rounds whose integers are its plan's") {
    SecureFederation federation(small_plan());
    SecureClient<>& client = federation.clients.at(0);
    const secure::Opening honest = secure::decode_opening(
        federation.server->open(federation.roster), federation.identity.public_identity());
    const auto refuse = [&](auto&& change) {
        secure::Opening opening = honest;
        secure::RoundTerms terms = secure::decode_round_terms(honest.terms);
        change(opening, terms);
        opening.terms = secure::encode(terms);
        const Bytes bytes = secure::encode(opening, federation.identity);
        CHECK(contains(error_message<ferret::Malformed>([&] { client.join(bytes); }),
                       "opening: expected a grid for the plan's 1 chunks"));
    };
    refuse([](secure::Opening&, secure::RoundTerms& t) { t.grid.steps.push_back(1.0f); });
    refuse([](secure::Opening& o, secure::RoundTerms&) { ++o.length; });
    refuse([](secure::Opening& o, secure::RoundTerms&) { ++o.largest; });
    refuse([](secure::Opening&, secure::RoundTerms& t) { ++t.grid.bits; });
    secure::Opening opening = honest;
    opening.terms.pop_back();
    CHECK_THROWS_AS(client.join(secure::encode(opening, federation.identity)), ferret::WireError);
    CHECK(client.join(secure::encode(honest, federation.identity)).size() > 0);
}

TEST_CASE("plans whose sketches do not add, and grids that are none, are refused") {
    const secure::Identity identity = secure::Identity::random();
    const auto make = [&](const Plan& plan, unsigned of_bits, std::vector<float> deviations) {
        SecureServer<>{plan, first_model(), secure::SumServer{identity, {}}, of_bits,
                       std::move(deviations)};
    };
    Plan plan = small_plan();
    make(plan, 4, {1.0f});
    CHECK_THROWS_AS(make(plan, 0, {1.0f}), ferret::InvalidBudget);
    CHECK_THROWS_AS(make(plan, 17, {1.0f}), ferret::InvalidBudget);
    CHECK(contains(error_message<ferret::InvalidBudget>([&] {
                       make(plan, 4, {1.0f, 2.0f});
                   }),
                   "secure round: expected 1 or 1 deviations, got 2"));
    CHECK_THROWS_AS(make(plan, 4, {std::numeric_limits<float>::quiet_NaN()}), ferret::NonFinite);
    plan.sharing = ferret::SeedSharing::per_client;
    CHECK_THROWS_AS(make(plan, 4, {1.0f}), ferret::InvalidBudget);
    CHECK_THROWS_AS(
        (SecureClient{plan, secure::SumClient{0, identity, {{0, identity.public_identity()}}, {}}}),
        ferret::InvalidBudget);
}
