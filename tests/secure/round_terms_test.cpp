#include "protocol/federation.hpp"
#include "support/messages.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <ferret/secure/round_terms.hpp>
#include <limits>

using ferret::secure::decode_round_terms;
using ferret::secure::RoundTerms;
using ferret_test::contains;
using ferret_test::error_message;

TEST_CASE("terms come back as they were written") {
    const RoundTerms terms{12345, {4, {0.5f, 0x1p-100f, 0x1p60f}}};
    CHECK(decode_round_terms(encode(terms)) == terms);
    CHECK(encode(terms).size() == 4 + 2 + 8 + 1 + 4 + 3 * 4 + 8);
}

TEST_CASE("terms that no server has are refused") {
    const auto refuse = [](const RoundTerms& terms, std::string_view part) {
        const std::string found = error_message<ferret::Malformed>(
            [&] { static_cast<void>(decode_round_terms(encode(terms))); });
        CAPTURE(found);
        CHECK(contains(found, part));
    };
    refuse({1, {0, {1.0f}}}, "expected a grid of 1 to 16 bits, got 0");
    refuse({1, {17, {1.0f}}}, "expected a grid of 1 to 16 bits, got 17");
    for (const float step :
         {0.0f, -1.0f, 0x1p-101f, 0x1p61f, std::numeric_limits<float>::infinity(),
          std::numeric_limits<float>::quiet_NaN()})
        refuse({1, {4, {1.0f, step}}}, "expected steps from");

    // More steps are claimed than there are.
    std::vector<std::byte> bytes = encode(RoundTerms{1, {4, {1.0f}}});
    ferret_test::put(bytes, 4 + 2 + 8 + 1, std::uint32_t{0xFFFFFFFF});
    ferret_test::sign(bytes);
    CHECK_THROWS_AS(static_cast<void>(decode_round_terms(bytes)), ferret::Truncated);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(static_cast<void>(decode_round_terms(std::span(bytes).first(size))),
                        ferret::WireError);
}

TEST_CASE("integers add only where all clients have the same bases") {
    ferret::Plan plan = ferret_test::small_plan();
    CHECK(ferret::secure::summable_bases(plan) == ferret::planned_bases(plan));
    plan.budget = ferret::NormShare{64};
    CHECK_THROWS_AS(static_cast<void>(ferret::secure::summable_bases(plan)), ferret::InvalidBudget);
    plan = ferret_test::small_plan();
    plan.sharing = ferret::SeedSharing::per_client;
    CHECK_THROWS_AS(static_cast<void>(ferret::secure::summable_bases(plan)), ferret::InvalidBudget);
}

TEST_CASE("a round's roundings are its own even where bases stay the same") {
    ferret::Plan plan = ferret_test::small_plan();
    plan.refresh = ferret::SeedRefresh::fixed;
    CHECK(ferret::secure::grid_seed(plan, 1) != ferret::secure::grid_seed(plan, 2));
}
