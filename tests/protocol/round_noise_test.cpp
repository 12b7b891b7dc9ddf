#include <doctest/doctest.h>

#include <ferret/protocol/round_noise.hpp>
#include <ferret/protocol/sketch_noise.hpp>
#include <vector>

#include "protocol/federation.hpp"

using namespace ferret;
using ferret_test::simple_update;

TEST_CASE("the noise is that of the way in which the plan's sketches travel") {
    Plan plan = ferret_test::few_bits_plan();
    const double up = normal_noise(plan.up), down = normal_noise(plan.down);
    const double per_coordinate = 420.0 / 64.0;
    CHECK(round_noise(plan, 5, 2.0) ==
          doctest::Approx(per_coordinate * (1.0 + 2.0 * up / 5.0) * (1.0 + down) - 1.0));

    plan.sharing = SeedSharing::per_client;
    CHECK(round_noise(plan, 5, 2.0) ==
          doctest::Approx(2.0 / 5.0 * (per_coordinate * (1.0 + up) * (1.0 + down) - 1.0)));

    // Sparse sketches of different K_l do not add, dense ones do.
    plan.sharing = SeedSharing::shared;
    plan.budget = NormShare{64};
    CHECK(round_noise(plan, 5, 2.0) ==
          doctest::Approx(2.0 / 5.0 * (per_coordinate * (1.0 + up) * (1.0 + down) - 1.0)));
    plan.basis = Rademacher{};
    CHECK(round_noise(plan, 5, 2.0) ==
          doctest::Approx(per_coordinate * (1.0 + 2.0 * up / 5.0) * (1.0 + down) - 1.0));
}

TEST_CASE("alike and opposite clients are told apart by their sketches") {
    const Plan plan = ferret_test::small_plan();
    const Projector project{plan.layout, plan.basis, plan.budget};
    const ferret_test::Model update = ferret_test::first_model();
    const Sketch sketch = project(update, plan.seed_of(1, 0));
    Sketch opposite = sketch, none = sketch;
    opposite.scale(-1.0f);
    none.scale(0.0f);
    CHECK(round_unlikeness(plan, std::vector{sketch, sketch, sketch}) == doctest::Approx(1.0));
    CHECK(round_unlikeness(plan, std::vector{sketch, opposite}) == 2.0);
    CHECK(round_unlikeness(plan, std::vector{sketch, none}) == doctest::Approx(2.0));
    // One of three: energies of 1/3 and 1/9.
    CHECK(round_unlikeness(plan, std::vector{sketch, none, none}) == doctest::Approx(3.0));
}

TEST_CASE("sketches that do not add count as alike; those of another layout are refused") {
    Plan plan = ferret_test::small_plan();
    plan.sharing = SeedSharing::per_client;
    const Projector project{plan.layout, plan.basis, plan.budget};
    const ferret_test::Model update = ferret_test::first_model();
    const Sketch first = project(update, plan.seed_of(1, 0));
    Sketch second = project(update, plan.seed_of(1, 1));
    second.scale(-1.0f);
    CHECK(round_unlikeness(plan, std::vector{first, second}) == 1.0);
    CHECK_THROWS_AS(round_unlikeness(plan, {}), SketchMismatch);
    second.layout_fingerprint += 1;
    CHECK_THROWS_AS(round_unlikeness(plan, std::vector{first, second}), LayoutMismatch);
}
