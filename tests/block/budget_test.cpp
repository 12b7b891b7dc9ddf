#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/block/budget.hpp>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

using namespace ferret;  // NOLINT: budget rules are many short names
using ferret_test::contains;
using ferret_test::error_message;

namespace {

using Bases = std::vector<std::uint32_t>;

std::vector<BudgetRule> all_rules(std::uint64_t total) {
    std::vector<BudgetRule> rules;
    for (const std::string_view name : budget_rule_names)
        rules.push_back(parse_budget_rule(name, total));
    return rules;
}

std::uint64_t spent(const Bases& bases) {
    return std::accumulate(bases.begin(), bases.end(), std::uint64_t{0});
}

/// A rule's weight of a block, from its definition.
double weight(const BudgetRule& rule, double size, double squared_norm) {
    if (std::holds_alternative<Uniform>(rule)) return 1.0;
    if (std::holds_alternative<Proportional>(rule)) return size;
    if (std::holds_alternative<NormShare>(rule)) return std::sqrt(squared_norm);
    return std::sqrt(size) * std::sqrt(squared_norm);
}

}  // namespace

TEST_CASE("shares are in proportion to the rule's weight") {
    const Layout layout = Layout::per_tensor({100, 400, 900});
    const std::vector<double> squared_norms{16.0, 1.0, 4.0};
    CHECK(allocate(Uniform{60}, layout) == Bases{20, 20, 20});
    CHECK(allocate(Proportional{140}, layout) == Bases{10, 40, 90});
    CHECK(allocate(NormShare{70}, layout, squared_norms) == Bases{40, 10, 20});
    // sqrt(d) ||Delta||: 10 * 4, 20 * 1, 30 * 2.
    CHECK(allocate(MinimumError{120}, layout, squared_norms) == Bases{40, 20, 60});
}

TEST_CASE("blocks get two bases at least, one where they have one element") {
    const Layout layout = Layout::per_tensor({1, 100, 100});
    CHECK(allocate(Proportional{60}, layout) == Bases{1, 30, 29});
    CHECK(allocate(NormShare{43}, layout, std::vector<double>{0.0, 1e-30, 1.0}) == Bases{1, 2, 40});
}

TEST_CASE("full blocks pass on what they cannot take") {
    CHECK(allocate(Uniform{90}, Layout::per_tensor({10, 100, 100})) == Bases{10, 40, 40});
    // The first takes all it can, the second as well, the third the rest.
    CHECK(allocate(NormShare{65}, Layout::per_tensor({10, 50, 100}),
                   std::vector<double>{1e12, 1e6, 1e-6}) == Bases{10, 50, 5});
    // Blocks without an update stay at two until all others are full, and then share evenly.
    CHECK(allocate(NormShare{30}, Layout::per_tensor({20, 100, 100}),
                   std::vector<double>{1.0, 0.0, 0.0}) == Bases{20, 5, 5});
}

TEST_CASE("an update of zeros counts as uniform") {
    const Layout layout = Layout::per_tensor({100, 400, 900});
    const std::vector<double> zeros(3, 0.0);
    CHECK(allocate(NormShare{60}, layout, zeros) == Bases{20, 20, 20});
    CHECK(allocate(MinimumError{60}, layout, zeros) == Bases{20, 20, 20});
}

TEST_CASE("ties go to the earlier block") {
    const Layout layout = Layout::per_tensor({100, 100, 100, 100});
    CHECK(allocate(Uniform{10}, layout) == Bases{3, 3, 2, 2});
    CHECK(allocate(NormShare{11}, layout, std::vector<double>(4, 0.25)) == Bases{3, 3, 3, 2});
}

TEST_CASE("the smallest and the largest budget leave no choice") {
    const Layout layout = Layout::per_tensor({1, 5, 2, 300});
    const std::vector<double> squared_norms{1.0, 0.0, 1e20, 3.0};
    for (const BudgetRule& rule : all_rules(7))
        CHECK(allocate(rule, layout, squared_norms) == Bases{1, 2, 2, 2});
    for (const BudgetRule& rule : all_rules(308))
        CHECK(allocate(rule, layout, squared_norms) == Bases{1, 5, 2, 300});
}

TEST_CASE("random budgets keep every rule") {
    std::mt19937_64 random(1);
    const auto draw = [&](std::uint64_t from, std::uint64_t to) {
        return std::uniform_int_distribution<std::uint64_t>(from, to)(random);
    };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::size_t> sizes;
        std::vector<double> squared_norms;
        std::uint64_t fewest = 0;
        std::uint64_t most = 0;
        for (std::uint64_t block = draw(1, 40); block > 0; --block) {
            sizes.push_back(draw(1, std::uint64_t{1} << draw(0, 12)));
            squared_norms.push_back(draw(0, 9) == 0
                                        ? 0.0
                                        : std::ldexp(static_cast<double>(draw(1, 1u << 20)),
                                                     static_cast<int>(draw(0, 80)) - 60));
            fewest += fewest_bases(sizes.back());
            most += most_bases(sizes.back());
        }
        const Layout layout = Layout::per_tensor(sizes);
        const std::uint64_t total =
            draw(fewest, draw(0, 1) == 0 ? most : std::min(most, 3 * fewest));
        CAPTURE(round);
        CAPTURE(total);
        for (const BudgetRule& rule : all_rules(total)) {
            CAPTURE(rule.index());
            const Bases bases = allocate(rule, layout, squared_norms);
            CHECK(spent(bases) == total);

            // What is within its limits has the common ratio of base to weight, up to the whole
            // base by which rounding moves a share; what is at a limit is there for a reason.
            double lowest = 0.0;
            double highest = std::numeric_limits<double>::infinity();
            for (std::size_t l = 0; l < sizes.size(); ++l) {
                CHECK(bases[l] >= fewest_bases(sizes[l]));
                CHECK(bases[l] <= most_bases(sizes[l]));
                const double w = weight(rule, static_cast<double>(sizes[l]), squared_norms[l]);
                if (w == 0.0) continue;
                if (bases[l] > fewest_bases(sizes[l]))
                    lowest = std::max(lowest, (bases[l] - 1.0) / w);
                if (bases[l] < most_bases(sizes[l]))
                    highest = std::min(highest, (bases[l] + 1.0) / w);
            }
            // 1e-9: shares are computed in double, from at most 40 subtractions of up to 2^18.
            CHECK(lowest <= highest * (1.0 + 1e-9));
        }
    }
}

TEST_CASE("MinimumError's shares have the smallest error that any whole numbers have") {
    const auto error = [](const std::vector<std::size_t>& sizes,
                          const std::vector<double>& squared_norms,
                          const std::vector<double>& bases) {
        double total = 0.0;
        for (std::size_t l = 0; l < sizes.size(); ++l)
            total += static_cast<double>(sizes[l]) / bases[l] * squared_norms[l];
        return total;
    };
    struct Case {
        std::vector<std::size_t> sizes;
        std::vector<double> squared_norms;
        std::uint64_t total;
    };
    // With and without blocks that reach a limit.
    const Case cases[] = {
        {{100, 100}, {1.0, 1.0}, 30},         {{10, 1000}, {100.0, 1.0}, 60},
        {{50, 200}, {1e-8, 3.0}, 25},         {{30, 80, 200}, {2.0, 0.7, 0.1}, 40},
        {{5, 80, 200}, {50.0, 0.7, 0.1}, 40}, {{60, 60, 60}, {1.0, 1e-6, 2.0}, 50},
    };
    for (const auto& [sizes, squared_norms, total] : cases) {
        const Layout layout = Layout::per_tensor(sizes);
        std::vector<double> weights;
        for (std::size_t l = 0; l < sizes.size(); ++l)
            weights.push_back(
                weight(MinimumError{}, static_cast<double>(sizes[l]), squared_norms[l]));
        const std::vector<double> shares = detail::clamped_shares(layout, weights, total);
        double share_sum = 0.0;
        for (const double share : shares) share_sum += share;
        CHECK(share_sum == doctest::Approx(static_cast<double>(total)).epsilon(1e-12));
        const double least = error(sizes, squared_norms, shares);

        const bool three = sizes.size() == 3;
        std::uint64_t tried = 0;
        for (std::uint64_t a = 2; a <= std::min<std::uint64_t>(sizes[0], total); ++a) {
            for (std::uint64_t b = 2; b <= std::min<std::uint64_t>(sizes[1], total); ++b) {
                if (three ? a + b + 2 > total || total - a - b > sizes[2] : a + b != total)
                    continue;
                std::vector<double> whole{static_cast<double>(a), static_cast<double>(b)};
                if (three) whole.push_back(static_cast<double>(total - a - b));
                CHECK(least <= error(sizes, squared_norms, whole) * (1.0 + 1e-12));
                ++tried;
            }
        }
        CHECK(tried > 5);

        // The whole numbers that are dealt out are within one base of the shares.
        const Bases bases = allocate(MinimumError{total}, layout, squared_norms);
        for (std::size_t l = 0; l < sizes.size(); ++l) CHECK(std::abs(bases[l] - shares[l]) < 1.0);
    }
}

TEST_CASE("budgets that the blocks cannot take are refused") {
    const Layout layout = Layout::per_tensor({1, 5, 300});
    for (const BudgetRule& rule : all_rules(4))
        CHECK(contains(error_message<InvalidBudget>([&] {
                           static_cast<void>(allocate(rule, layout, std::vector<double>(3, 1.0)));
                       }),
                       "expected K from 5"));
    for (const std::uint64_t total :
         {std::uint64_t{0}, std::uint64_t{307}, std::numeric_limits<std::uint64_t>::max()})
        CHECK_THROWS_AS(static_cast<void>(allocate(Uniform{total}, layout)), InvalidBudget);
}

TEST_CASE("norms that do not fit or are no numbers are refused") {
    const Layout layout = Layout::per_tensor({10, 10});
    const auto with = [&](std::vector<double> squared_norms) {
        return [&layout, squared_norms = std::move(squared_norms)] {
            static_cast<void>(allocate(NormShare{8}, layout, squared_norms));
        };
    };
    CHECK(contains(error_message<LayoutMismatch>(with({1.0})), "expected 2 squared norms, got 1"));
    CHECK(contains(error_message<LayoutMismatch>(with({})), "got 0"));
    CHECK(contains(error_message<NonFinite>(with({1.0, std::nan("")})), "block 1"));
    CHECK(contains(error_message<NonFinite>(with({1.0 / 0.0, 1.0})), "block 0"));
    CHECK(contains(error_message<NonFinite>(with({1.0, -1.0})), "block 1"));
}

TEST_CASE("huge and tiny norms do not overflow") {
    const Layout layout = Layout::per_tensor({1000, 1000});
    const double largest = std::numeric_limits<double>::max();
    CHECK(allocate(NormShare{100}, layout, std::vector<double>{largest, largest}) == Bases{50, 50});
    CHECK(allocate(MinimumError{100}, layout, std::vector<double>{largest, largest}) ==
          Bases{50, 50});
    const double smallest = std::numeric_limits<double>::denorm_min();
    CHECK(allocate(NormShare{100}, layout, std::vector<double>{smallest, smallest}) ==
          Bases{50, 50});
}

TEST_CASE("names of rules lead back to them") {
    for (std::size_t i = 0; i < budget_rule_names.size(); ++i) {
        const BudgetRule rule = parse_budget_rule(budget_rule_names[i], 17);
        CHECK(rule.index() == i);
        CHECK(total_of(rule) == 17);
    }
    CHECK(depends_on_update(NormShare{}));
    CHECK(depends_on_update(MinimumError{}));
    CHECK_FALSE(depends_on_update(Uniform{}));
    CHECK_FALSE(depends_on_update(Proportional{}));
    CHECK(contains(
        error_message<UnknownName>([] { static_cast<void>(parse_budget_rule("norm", 8)); }),
        "norm-share"));
}

TEST_CASE("what blocks are expected to get is the rule's where it does not look at the update") {
    const Layout layout = Layout::per_tensor({10000, 400, 2});
    CHECK(expected_bases(Uniform{64}, layout) == allocate(Uniform{64}, layout));
    CHECK(expected_bases(Proportional{64}, layout) == allocate(Proportional{64}, layout));
    // ... and for the others that of entries of like size, whose energy is their number.
    const std::vector<double> sizes{10000.0, 400.0, 2.0};
    CHECK(expected_bases(NormShare{64}, layout) == allocate(NormShare{64}, layout, sizes));
    CHECK(expected_bases(MinimumError{64}, layout) == expected_bases(Proportional{64}, layout));
}
