#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <ferret/wire/coordinate_format.hpp>
#include <ferret/wire/few_bits_reference.hpp>
#include <ferret/wire/normal_levels.hpp>
#include <numbers>
#include <span>
#include <vector>

using ferret::CoordinateFormat;

namespace {

/// Beyond it the normal distribution has less than 1e-23 of its mass and of its energy.
constexpr double far = 10.0;

double density(double x) {
    return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}

/// Integrals of a half normal distribution, doubled, over an interval.
struct Moments {
    double mass;    ///< of 2 phi(x)
    double mean;    ///< of 2 x phi(x)
    double square;  ///< of 2 x^2 phi(x)
};

/// Math:   with the distribution function in closed form: for b over a the integral of phi is a
///         difference of erfc, of x phi it is phi(a) - phi(b), and of x^2 phi that of phi, + a phi(a)
///         - b phi(b). Each is off by a few units of 2^-53
Moments moments(double a, double b) {
    const double mass = std::erfc(a / std::sqrt(2.0)) - std::erfc(b / std::sqrt(2.0));
    const double mean = 2.0 * (density(a) - density(b));
    return {mass, mean, mass + 2.0 * (a * density(a) - b * density(b))};
}

/// What rounding to levels does to a normal distribution whose every number is multiplied by a scale
/// afterwards that makes <y, rounded> = ||y||^2.
/// Math:   with m = E[|x| level], s = E[level^2]: scale 1 / m, error s / m^2 - 1
double noise_of(std::span<const double> levels, std::span<const double> thresholds) {
    double product = 0.0;
    double square = 0.0;
    for (std::size_t n = 0; n < levels.size(); ++n) {
        const Moments cell =
            moments(n == 0 ? 0.0 : thresholds[n - 1], n + 1 == levels.size() ? far : thresholds[n]);
        product += levels[n] * cell.mean;
        square += levels[n] * levels[n] * cell.mass;
    }
    return square / (product * product) - 1.0;
}

std::vector<double> in_double(std::span<const float> values) {
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE(
    "levels are the means of what is rounded to them, thresholds the middles between levels") {
    for (const unsigned bits : {1u, 2u, 3u, 4u}) {
        CAPTURE(bits);
        const std::vector<double> levels = in_double(ferret::reference::normal_levels(bits));
        const std::vector<double> thresholds =
            in_double(ferret::reference::normal_thresholds(bits));
        REQUIRE(levels.size() == std::size_t{1} << (bits - 1));
        REQUIRE(thresholds.size() == levels.size() - 1);
        // Numbers under 4 are rounded to float with an error of 2^-23 at most, 3 of them for a middle.
        for (std::size_t n = 0; n < thresholds.size(); ++n)
            CHECK(std::abs(thresholds[n] - 0.5 * (levels[n] + levels[n + 1])) <= 0x1p-22);
        for (std::size_t n = 0; n < levels.size(); ++n) {
            CAPTURE(n);
            const Moments cell = moments(n == 0 ? 0.0 : thresholds[n - 1],
                                         n + 1 == levels.size() ? far : thresholds[n]);
            // The mean moves by less than the thresholds do, each off by 2^-23, and is compared with
            // a level that is off by 2^-23.
            CHECK(std::abs(levels[n] - cell.mean / cell.mass) <= 3.0 * 0x1p-23);
        }
    }
}

TEST_CASE("normal_noise is what the levels give") {
    for (const unsigned bits : {1u, 2u, 3u, 4u}) {
        CAPTURE(bits);
        const double noise = noise_of(in_double(ferret::reference::normal_levels(bits)),
                                      in_double(ferret::reference::normal_thresholds(bits)));
        // The least error there is: roundings of levels change it in second order, by 2^-46 or so. A
        // constant of 16 digits that is typed in wrongly anywhere up to its eleventh fails.
        CHECK(std::abs(noise - ferret::normal_noise(static_cast<CoordinateFormat>(16 + bits))) <=
              1e-11);
    }
    CHECK(std::abs(ferret::normal_noise(CoordinateFormat::one_bit) -
                   (0.5 * std::numbers::pi - 1.0)) <= 1e-15);
}

TEST_CASE("eight bits are steps of 1/32 and their noise") {
    std::vector<double> levels, thresholds;
    const double step = static_cast<double>(ferret::eight_bit_step);
    for (int n = 0; n <= static_cast<int>(ferret::eight_bit_largest); ++n) {
        levels.push_back(n * step);
        if (n > 0) thresholds.push_back((n - 0.5) * step);
    }
    CHECK(step == 1.0 / 32.0);
    REQUIRE(levels.size() == 128);
    const double noise = noise_of(levels, thresholds);
    CHECK(std::abs(noise - ferret::normal_noise(CoordinateFormat::eight_bits)) <= 1e-11);
    // A step's square over 12, and what of the distribution lies beyond 127 / 32.
    CHECK(noise == doctest::Approx(step * step / 12.0).epsilon(0.1));
}
