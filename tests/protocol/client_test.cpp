#include "protocol/federation.hpp"

#include <doctest/doctest.h>

#include <cmath>

using ferret::Client;
using ferret::Plan;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_model;
using ferret_test::Model;
using ferret_test::small_plan;
using ferret_test::trained;

TEST_CASE("a client sends the sketch of its update, and what it belongs to") {
    Plan plan = small_plan();
    plan.sharing = ferret::SeedSharing::per_client;
    const Model before = first_model();
    const Model after = trained(before, 5, 9);
    const ferret::UpdateMessage message =
        ferret::decode_update(Client{plan, 9}(5, before, after, 17));
    CHECK(message.round == 5);
    CHECK(message.client == 9);
    CHECK(message.examples == 17);
    CHECK(message.model_before == ferret::model_fingerprint(plan.layout, before));
    const ferret::Projector project{plan.layout, plan.basis, plan.budget};
    CHECK(message.sketch == project(before, after, plan.seed_of(5, 9)));
}

TEST_CASE("coordinates travel up in the plan's format") {
    Plan plan = small_plan();
    const Model before = first_model();
    const auto size = [&] { return Client{plan, 0}(1, before, trained(before, 1, 0)).size(); };
    const std::size_t exact = size();
    plan.up = ferret::CoordinateFormat::int16;
    CHECK(size() == exact - 2 * 64 + 2 * 4);
}

TEST_CASE("an update that is not finite makes no message") {
    const Model before = first_model();
    Model after = before;
    after[1][7] = std::nanf("");
    CHECK(contains(error_message<ferret::NonFinite>([&] {
                       static_cast<void>(Client{small_plan(), 0}(1, before, after));
                   }),
                   "tensor 1, index 7"));
}

TEST_CASE("a plan whose budget does not fit makes no client") {
    Plan plan = small_plan();
    plan.budget = ferret::Uniform{3};
    CHECK_THROWS_AS((Client{plan, 0}), ferret::InvalidBudget);
}
