#include "zeroth_order.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using figures::Difference;
using figures::Directions;
using figures::Redraw;
using figures::SineSquaredSum;
using figures::SquareSum;

namespace {

double product(const std::vector<double>& a, const std::vector<double>& b) {
    double total = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
    return total;
}

}  // namespace

TEST_CASE("directions are ferret's Gaussian bases, alone and added up") {
    const std::size_t dimension = 1000;
    const Directions directions(dimension, {7, 3});
    const std::vector<float> coordinates{0.5f, -2.0f, 0.25f};
    std::vector<double> sum(dimension, 1.0);
    directions.add(coordinates, sum, 2.0f);
    std::vector<double> expected(dimension, 1.0);
    for (std::uint32_t k = 0; k < 3; ++k) {
        const std::vector<double> direction = directions.direction(k);
        // ||z||^2 is chi-square: mean d, deviation sqrt(2 d) = 45; five of them.
        CHECK(std::abs(product(direction, direction) - 1000.0) < 225.0);
        for (std::size_t i = 0; i < dimension; ++i) {
            expected[i] += 2.0 * static_cast<double>(coordinates[k]) * direction[i];
        }
    }
    // Sums of three floats under 20: roundings of 2^-20 each.
    for (std::size_t i = 0; i < dimension; ++i) CHECK(std::abs(sum[i] - expected[i]) < 1e-5);
}

TEST_CASE("slopes: central differences are exact on squares, forward ones add eps ||z||^2") {
    const std::vector<double> point = figures::normal_point(500, 1);
    const Directions directions(500, {2, 0});
    const std::vector<double> gradient = figures::gradient<SquareSum>(point);
    const double perturbation = 0.25;
    const auto central = figures::directional_slopes<SquareSum>(point, directions, 4, perturbation,
                                                                Difference::central);
    const auto forward = figures::directional_slopes<SquareSum>(point, directions, 4, perturbation,
                                                                Difference::forward);
    for (std::uint32_t k = 0; k < 4; ++k) {
        const std::vector<double> direction = directions.direction(k);
        const double exact = product(gradient, direction);
        // Rounded to float, at numbers under 1000.
        CHECK(std::abs(static_cast<double>(central[k]) - exact) < 1e-4);
        const double curved = exact + perturbation * product(direction, direction);
        CHECK(std::abs(static_cast<double>(forward[k]) - curved) < 1e-4);
    }
}

TEST_CASE("one zeroth-order step is the estimated gradient times the rate") {
    const std::size_t dimension = 300;
    const std::vector<double> start = figures::normal_point(dimension, 5);
    const int steps[] = {1};
    const auto update = figures::zeroth_order_descent<SineSquaredSum>(start, steps, 0.1, 8, 1e-3,
                                                                      Redraw::never, 11)[0];
    const Directions directions(dimension, {11, 0});
    const auto slopes = figures::directional_slopes<SineSquaredSum>(start, directions, 8, 1e-3,
                                                                    Difference::central);
    const auto estimate = figures::estimated_gradient(directions, slopes, dimension);
    // Float factors (2^-24) of sums under 100.
    for (std::size_t i = 0; i < dimension; ++i) {
        CHECK(std::abs(update[i] - 0.1 * estimate[i]) < 1e-5);
    }
}

TEST_CASE("redrawn directions differ from the second step on") {
    const std::vector<double> start = figures::normal_point(300, 5);
    const int steps[] = {1, 2};
    const auto same = figures::zeroth_order_descent<SineSquaredSum>(start, steps, 0.1, 8, 1e-3,
                                                                    Redraw::never, 11);
    const auto redrawn = figures::zeroth_order_descent<SineSquaredSum>(start, steps, 0.1, 8, 1e-3,
                                                                       Redraw::every_step, 11);
    CHECK(same[0] == redrawn[0]);
    CHECK(same[1] != redrawn[1]);
}
