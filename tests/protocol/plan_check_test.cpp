#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/protocol/plan_check.hpp>
#include <string>
#include <vector>

using ferret::check_against;
using ferret::Plan;
using ferret::planned_bases;
using ferret::Sketch;
using ferret::SketchMismatch;
using ferret_test::error_message;

namespace {

Plan plan_with(const ferret::BudgetRule& budget) {
    return {.layout = ferret::Layout::per_tensor({300, 120}),
            .basis = ferret::SparseSign{},
            .budget = budget,
            .seed = 42,
            .sharing = ferret::SeedSharing::per_client};
}

/// What client 7 sends in round 3.
Sketch planned_sketch(const Plan& plan, const std::vector<std::uint32_t>& bases_per_block) {
    Sketch sketch{
        plan.seed_of(3, 7), ferret::SparseSign::id, plan.layout.fingerprint(), bases_per_block, {}};
    for (const std::uint32_t bases : bases_per_block)
        sketch.coordinates.resize(sketch.coordinates.size() + bases, 0.5f);
    return sketch;
}

std::string refusal(const Plan& plan, const Sketch& sketch) {
    return error_message<SketchMismatch>(
        [&] { check_against(plan, planned_bases(plan), sketch, 3, 7, "test"); });
}

}  // namespace

TEST_CASE("the plan fixes each block's bases, unless its budget follows the update") {
    CHECK(planned_bases(plan_with(ferret::Uniform{64})) == std::vector<std::uint32_t>{32, 32});
    CHECK(planned_bases(plan_with(ferret::Proportional{42})) == std::vector<std::uint32_t>{30, 12});
    CHECK(planned_bases(plan_with(ferret::NormShare{64})).empty());
    for (const std::uint64_t total : {3u, 421u}) {
        CHECK_THROWS_AS(static_cast<void>(planned_bases(plan_with(ferret::Uniform{total}))),
                        ferret::InvalidBudget);
        CHECK_THROWS_AS(static_cast<void>(planned_bases(plan_with(ferret::NormShare{total}))),
                        ferret::InvalidBudget);
    }
}

TEST_CASE("a sketch of the plan passes, and of no other") {
    const Plan plan = plan_with(ferret::Uniform{64});
    const Sketch sketch = planned_sketch(plan, {32, 32});
    CHECK(refusal(plan, sketch) == "no exception");

    Sketch other = sketch;
    other.basis = ferret::Gaussian::id;
    CHECK(refusal(plan, other) == "test: expected basis sparse-sign, got gaussian");
    for (const ferret::Seed& seed : {plan.seed_of(3, 8), plan.seed_of(4, 7)}) {
        other = sketch;
        other.seed = seed;
        CHECK(refusal(plan, other) ==
              "test: expected the plan's seed for client 7 in round 3, got another");
    }
    CHECK(refusal(plan, planned_sketch(plan, {32, 31})) == "test: expected 64 coordinates, got 63");
    CHECK(refusal(plan, planned_sketch(plan, {33, 31})) ==
          "test: expected the plan's bases of every block, got others");
    other = sketch;
    other.layout_fingerprint ^= 1;
    CHECK_THROWS_AS(check_against(plan, planned_bases(plan), other, 3, 7, "test"),
                    ferret::LayoutMismatch);
}

TEST_CASE("where the budget follows the update only the sum of the bases is planned") {
    const Plan plan = plan_with(ferret::MinimumError{64});
    CHECK(refusal(plan, planned_sketch(plan, {60, 4})) == "no exception");
    CHECK(refusal(plan, planned_sketch(plan, {60, 5})) == "test: expected 64 coordinates, got 65");
}
