#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using ferret::Cpu;
using ferret::Layout;
using ferret::LayoutMismatch;
using ferret::NonFinite;
using ferret::Projector;
using ferret::Seed;
using ferret::Sketch;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::simple_update;

namespace {

using List = std::vector<std::vector<float>>;

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("before and after give the sketch of their difference") {
    const Layout layout = Layout::per_tensor({5, 3000, 6000});
    const List before{simple_update(5, 1), simple_update(3000, 2), simple_update(6000, 3)};
    const List after{simple_update(5, 4), simple_update(3000, 5), simple_update(6000, 6)};
    List delta = before;
    for (std::size_t t = 0; t < delta.size(); ++t)
        for (std::size_t i = 0; i < delta[t].size(); ++i) delta[t][i] = before[t][i] - after[t][i];
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Projector project{layout, basis, ferret::NormShare{40}};
        const Sketch sketch = project(before, after, Seed{42, 7});
        CHECK(sketch == project(delta, Seed{42, 7}));
        CHECK(sketch.coordinates.size() == 40);
        CHECK(sketch.seed == Seed{42, 7});
        CHECK(sketch.basis == ferret::basis_id(basis));
        CHECK(sketch.layout_fingerprint == layout.fingerprint());
    }
}

TEST_CASE("the budget follows the blocks' norms") {
    const Layout layout = Layout::uniform({5000, 3000}, 2000);
    const std::vector<float> whole = simple_update(8000);
    std::vector<double> squared_norms(4, 0.0);
    for (std::size_t i = 0; i < whole.size(); ++i)
        squared_norms[i / 2000] += static_cast<double>(whole[i]) * whole[i];
    const List delta{{whole.begin(), whole.begin() + 5000}, {whole.begin() + 5000, whole.end()}};
    for (const std::string_view name : ferret::budget_rule_names) {
        const ferret::BudgetRule rule = ferret::parse_budget_rule(name, 101);
        const Sketch sketch = Projector{layout, ferret::Rademacher{}, rule}(delta, Seed{1, 1});
        // The squares are multiples of 2^-20 under 2^20: every sum of them is exact in double.
        CHECK(sketch.bases_per_block == ferret::allocate(rule, layout, squared_norms));
    }
}

TEST_CASE("an update of zeros has coordinates of zero") {
    const Layout layout = Layout::per_tensor({100, 5000});
    for (const ferret::Basis& basis : ferret::all_bases) {
        const Sketch sketch = Projector{layout, basis, ferret::NormShare{10}}(
            List{std::vector<float>(100), std::vector<float>(5000)}, Seed{1, 1});
        CHECK(sketch.bases_per_block == std::vector<std::uint32_t>{5, 5});
        CHECK(sketch.coordinates == std::vector<float>(10, 0.0f));
    }
}

TEST_CASE("a budget that the layout cannot take is refused before any work") {
    const Layout layout = Layout::per_tensor({1, 5, 300});
    const auto make = [&](std::uint64_t total) {
        return [&layout, total] {
            Projector{layout, ferret::SparseSign{}, ferret::Uniform{total}};
        };
    };
    CHECK_THROWS_AS(make(4)(), ferret::InvalidBudget);
    CHECK_THROWS_AS(make(307)(), ferret::InvalidBudget);
    CHECK_NOTHROW(make(5)());
    CHECK_NOTHROW(make(306)());
}

TEST_CASE("tensors that do not fit the layout are refused") {
    const Layout layout = Layout::per_tensor({5, 300}).with_names({"embed", "head"});
    const Projector project{layout, ferret::SparseSign{}, ferret::Uniform{8}};
    const List right{simple_update(5), simple_update(300)};
    const List too_few{simple_update(5)};
    const List too_many{simple_update(5), simple_update(300), simple_update(1)};
    const List wrong_size{simple_update(5), simple_update(299)};
    const auto message = [&](const List& before, const List& after) {
        return error_message<LayoutMismatch>(
            [&] { static_cast<void>(project(before, after, Seed{})); });
    };
    for (const List& wrong : {too_few, too_many, List{}}) {
        CHECK_THROWS_AS(static_cast<void>(project(wrong, Seed{})), LayoutMismatch);
        CHECK(contains(message(wrong, right), "expected 2"));
        CHECK(contains(message(right, wrong), "expected 2"));
    }
    for (const std::string& text : {message(wrong_size, right), message(right, wrong_size)}) {
        CHECK(contains(text, "tensor 1 (head)"));
        CHECK(contains(text, "expected 300 elements, got 299"));
    }
    CHECK_THROWS_AS(static_cast<void>(project(simple_update(305), Seed{})), LayoutMismatch);
}

TEST_CASE("numbers that are not finite are named by tensor and index") {
    const Layout layout = Layout::uniform({5, 30000, 9000}, 7000).with_names({"a", "b", "c"});
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const ferret::Basis& basis : ferret::all_bases) {
        for (const ferret::BudgetRule& rule :
             {ferret::BudgetRule{ferret::Uniform{70}}, ferret::BudgetRule{ferret::NormShare{70}}}) {
            for (const int threads : {1, 7}) {
                const Projector project{layout, basis, rule, Cpu{.threads = threads}};
                for (const float bad : {infinity, -infinity, nan}) {
                    List delta{simple_update(5), simple_update(30000), simple_update(9000)};
                    // The first of several is the one that counts, whoever finds it.
                    delta[1][12345] = bad;
                    delta[1][29999] = nan;
                    delta[2][0] = infinity;
                    delta[2][8999] = bad;
                    CHECK(contains(error_message<NonFinite>(
                                       [&] { static_cast<void>(project(delta, Seed{})); }),
                                   "tensor 1 (b), index 12345"));
                    delta[0][4] = bad;
                    CHECK(contains(error_message<NonFinite>(
                                       [&] { static_cast<void>(project(delta, Seed{})); }),
                                   "tensor 0 (a), index 4"));
                }
            }
        }
    }
}

TEST_CASE("every sparse piece of a block with many bases is searched") {
    // Above 4096 bases the bases are shared out, and each piece of work sees a part of the block.
    const Layout layout = Layout::per_tensor({30000});
    // The first piece may well meet a later element than the second, and on one thread is first.
    const Projector project{layout, ferret::SparseSign{}, ferret::Uniform{10000},
                            Cpu{.threads = 1}};
    std::vector<float> delta = simple_update(30000);
    for (const std::size_t index : {29999u, 23456u, 17321u, 10000u, 9999u, 4095u, 1234u, 0u}) {
        delta[index] = infinity;
        CHECK(contains(error_message<NonFinite>([&] {
                           static_cast<void>(project(delta, Seed{42, 7}));
                       }),
                       "tensor 0, index " + std::to_string(index)));
    }
}

TEST_CASE("what overflows float is not finite") {
    const Layout layout = Layout::per_tensor({4});
    const Projector project{layout, ferret::SparseSign{}, ferret::Uniform{2}};
    CHECK(contains(error_message<NonFinite>([&] {
                       static_cast<void>(project(std::vector<double>{0, 0, 1e39, 0}, Seed{}));
                   }),
                   "index 2"));
    // A difference that overflows though neither side does.
    const std::vector<float> large{0.0f, 3e38f, 0.0f, 0.0f};
    const std::vector<float> small{0.0f, -3e38f, 0.0f, 0.0f};
    CHECK(contains(
        error_message<NonFinite>([&] { static_cast<void>(project(large, small, Seed{})); }),
        "index 1"));
    // A coordinate that overflows though no element does: two bases share four elements.
    const std::vector<float> largest(4, std::numeric_limits<float>::max());
    bool overflowed = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::string message = error_message<NonFinite>([&] {
            static_cast<void>(project(largest, Seed{seed, 0}));
        });
        CHECK((message == "no exception" || contains(message, "overflows float")));
        overflowed = overflowed || contains(message, "overflows float");
    }
    CHECK(overflowed);
}

TEST_CASE("a double difference is rounded to float once") {
    const Layout layout = Layout::per_tensor({2});
    const Projector project{layout, ferret::SparseSign{}, ferret::Uniform{2}};
    // In float both sides are 1 and the difference is zero.
    const std::vector<double> before{1.0 + 0x1p-40, 1.0};
    const std::vector<double> after{1.0, 1.0};
    const Sketch sketch = project(before, after, Seed{42, 7});
    CHECK(std::abs(sketch.coordinates[0]) + std::abs(sketch.coordinates[1]) == 0x1p-40f);
    // One side of double is enough, whichever it is.
    const std::vector<float> single{1.0f, 1.0f};
    CHECK(project(before, single, Seed{42, 7}) == sketch);
    Sketch negated = project(single, before, Seed{42, 7});
    negated.scale(-1.0f);
    CHECK(negated.coordinates == sketch.coordinates);
}
