#include "bar.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "figure6.hpp"
#include "figure7.hpp"
#include "figure8.hpp"
#include "rebuild.hpp"

using figures::Bar;
using figures::Measurement;

namespace {

bool all_met(const std::vector<Bar>& bars) {
    for (const Bar& bar : bars) {
        if (!bar.met()) return false;
    }
    return !bars.empty();
}

}  // namespace

TEST_CASE("a bar is met at its limit, and never by what is not a number") {
    CHECK(Bar{"", 0.1, 0.1}.met());
    CHECK_FALSE(Bar{"", 0.11, 0.1}.met());
    CHECK_FALSE(Bar{"", std::numeric_limits<double>::quiet_NaN(), 0.1}.met());
    figures::LargestDeviation deviation;
    deviation.add(std::numeric_limits<double>::quiet_NaN(), 1.0);
    deviation.add(1.0, 1.0);
    CHECK(std::isnan(deviation.value()));
}

TEST_CASE("figure 6's bar tells a wrong rho") {
    auto rows = figures::figure6();
    CHECK(all_met(figures::bars_of_figure6(rows)));
    rows.back().inverse_rho *= 1.002;
    CHECK_FALSE(all_met(figures::bars_of_figure6(rows)));
}

TEST_CASE("figure 7's and 8's bars tell curves off theory and zeroth order that wins") {
    figures::Sizes sizes;
    sizes.figure7_perturbations = {0.01};
    const auto curve = [](double ferret, double zeroth_order) {
        const std::size_t dimension = 100'000;
        const double expected = figures::expected_cosine(500.0, 1e5);
        std::vector<Measurement> rows;
        for (const int steps : {1, 2}) {
            rows.push_back({.method = "truncated-normal",
                            .dimension = dimension,
                            .bases = 500,
                            .steps = steps,
                            .cosine = ferret * expected});
            rows.push_back({.method = "zeroth-order-forward",
                            .perturbation = 0.01,
                            .dimension = dimension,
                            .bases = 500,
                            .steps = steps,
                            .cosine = zeroth_order * expected});
            rows.push_back({.method = "zeroth-order-same",
                            .perturbation = 5e-4,
                            .dimension = dimension,
                            .bases = 500,
                            .steps = steps,
                            .cosine = (steps == 1 ? 1.0 : zeroth_order) * expected});
        }
        return rows;
    };
    CHECK(all_met(figures::bars_of_figure7(curve(1.05, 0.4), sizes)));
    CHECK(all_met(figures::bars_of_figure8a(curve(1.05, 0.4), sizes)));
    CHECK_FALSE(all_met(figures::bars_of_figure7(curve(1.05, 1.1), sizes)));
    CHECK_FALSE(all_met(figures::bars_of_figure8a(curve(1.05, 0.6), sizes)));
    for (const double off : {0.85, 1.15}) {
        CHECK_FALSE(all_met(figures::bars_of_figure7(curve(off, 0.4), sizes)));
        CHECK_FALSE(all_met(figures::bars_of_figure8a(curve(off, 0.4), sizes)));
        CHECK_FALSE(all_met(figures::bars_of_figure8b(curve(off, 0.4))));
        CHECK_FALSE(all_met(figures::bars_of_figure8c(curve(off, 0.4))));
    }
}
