#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/backend/coordinates.hpp>
#include <limits>
#include <span>
#include <vector>

using ferret::Layout;
using ferret::NonFinite;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

const Layout layout = Layout::per_tensor({100, 7});
const std::vector<std::uint32_t> bases{4, 2};

/// An update that tells whether its elements were looked at.
struct LookedAt {
    mutable bool looked = false;
    void check_finite() const { looked = true; }
};

bool looks_at_elements(const std::vector<double>& sums) {
    const LookedAt update;
    ferret::check_sums(sums, update);
    return update.looked;
}

}  // namespace

TEST_CASE("sums are divided by amplitude * E[raw^2] * K, which is rho K over the amplitude") {
    CHECK(ferret::divisors_of(layout, ferret::Rademacher{}, bases) == std::vector{4.0, 2.0});
    CHECK(ferret::divisors_of(layout, ferret::SparseSign{}, bases) == std::vector{1.0, 1.0});
    const ferret::TruncatedNormal<16> basis;
    const std::vector<double> divisors = ferret::divisors_of(layout, basis, bases);
    const std::vector<double> amplitudes =
        ferret::amplitudes_of(layout, ferret::TruncatedNormal<16>{});
    for (const std::size_t block : {0u, 1u}) {
        const double expected =
            ferret::second_moment(basis, layout.block_size(block), bases[block]) * bases[block];
        CHECK(std::abs(divisors[block] * amplitudes[block] - expected) <= 1e-14 * expected);
    }
}

TEST_CASE("coordinates are the sums over their block's divisor") {
    const std::vector<double> totals{8.0, -4.0, 0.0, 1.0, 6.0, -3.0};
    CHECK(ferret::coordinates_of(layout, ferret::Rademacher{}, totals, bases) ==
          std::vector{2.0f, -1.0f, 0.0f, 0.25f, 3.0f, -1.5f});
    CHECK(ferret::coordinates_of(layout, ferret::SparseSign{}, totals, bases) ==
          std::vector{8.0f, -4.0f, 0.0f, 1.0f, 6.0f, -3.0f});
}

TEST_CASE("amplitudes are 1 where raw values are entries, and 1 / sqrt(d) for truncated normals") {
    CHECK(ferret::amplitudes_of(layout, ferret::Rademacher{}) == std::vector{1.0, 1.0});
    CHECK(ferret::amplitudes_of(layout, ferret::SparseSign{}) == std::vector{1.0, 1.0});
    const std::vector<double> amplitudes =
        ferret::amplitudes_of(layout, ferret::TruncatedNormal<16>{});
    CHECK(amplitudes[0] == 0.1);
    CHECK(amplitudes[1] == 1.0 / std::sqrt(7.0));
}

TEST_CASE("factors are scale times coordinate times amplitude, rounded once") {
    const ferret::Sketch sketch{{1, 1},
                                ferret::Rademacher::id,
                                layout.fingerprint(),
                                bases,
                                {1.0f, 2.0f, -3.0f, 0.0f, 5.0f, 0x1p-100f}};
    CHECK(ferret::coefficients_of(sketch, 0.5f, std::vector{1.0, 3.0}) ==
          std::vector{0.5f, 1.0f, -1.5f, 0.0f, 7.5f, 1.5f * 0x1p-100f});
    // In float the first product would be zero.
    CHECK(ferret::coefficients_of(sketch, 0x1p-100f, std::vector{0x1p100, 0x1p100}).back() ==
          0x1p-100f);
}

TEST_CASE("a factor that overflows is told by its coordinate") {
    const ferret::Sketch sketch{
        {1, 1}, ferret::Rademacher::id, layout.fingerprint(), {1, 1}, {1.0f, 4.0f}};
    const auto message = [&](float scale) {
        return error_message<NonFinite>([&] {
            static_cast<void>(ferret::coefficients_of(sketch, scale, std::vector{1.0, 1.0}));
        });
    };
    CHECK(message(0x1p125f) == "no exception");
    CHECK(contains(message(0x1p126f), "times coordinate 4"));
}

TEST_CASE("an update's elements are looked at where a sum is not finite, and only there") {
    CHECK_FALSE(looks_at_elements({1.0, -2.0, std::numeric_limits<double>::max()}));
    CHECK(looks_at_elements({1.0, std::numeric_limits<double>::infinity()}));
    CHECK(looks_at_elements({std::nan(""), 1.0}));
}

TEST_CASE("numbers that overflow though the update is finite are told by their place") {
    const std::vector<float> numbers{1.0f, 2.0f, std::numeric_limits<float>::infinity()};
    const std::span<const float> all(numbers);
    ferret::check_overflow(all.first(2), "coordinate");
    CHECK(contains(error_message<NonFinite>([&] { ferret::check_overflow(all, "coordinate"); }),
                   "coordinate 2 overflows float"));
}
