#include "protocol/federation.hpp"

#include <doctest/doctest.h>

using ferret::Plan;
using ferret::Seed;

TEST_CASE("the plan says whose bases and when they change") {
    Plan plan = ferret_test::small_plan();
    CHECK(plan.seed_of(3, 7) == Seed{42, 3});
    plan.refresh = ferret::SeedRefresh::fixed;
    CHECK(plan.seed_of(3, 7) == Seed{42, 0});
    plan.sharing = ferret::SeedSharing::per_client;
    CHECK(plan.seed_of(3, 7) == Seed{42, 0}.derive(7));
    plan.refresh = ferret::SeedRefresh::each_round;
    CHECK(plan.seed_of(3, 7) == Seed{42, 3}.derive(7));
    CHECK(plan.seed_of(3, 7) != plan.seed_of(3, 8));
}
