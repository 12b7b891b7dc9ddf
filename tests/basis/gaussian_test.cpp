#include "support/statistics.hpp"
#include "support/word_grid.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <ferret/basis/gaussian.hpp>
#include <ferret/reference.hpp>
#include <numbers>
#include <vector>

namespace {

using ferret_test::grid_word0;
using ferret_test::grid_word1;

const ferret::Gaussian::Block law(1);

/// Box-Muller in double on the very uniforms that the basis makes of its words.
struct Expected {
    double radius;
    double cosine;
    double sine;
};
Expected exact_box_muller(std::uint32_t word0, std::uint32_t word1) {
    const auto odd = static_cast<float>(static_cast<std::int32_t>((word0 >> 1) | 1u));
    const double uniform = std::ldexp(static_cast<double>(odd), -31);
    // The quadrant's centre lies at its quarter turn; t in (-1, 1) is the angle in it over pi / 4.
    const auto quadrant = static_cast<double>(word1 >> 30);
    const std::uint32_t bits = ((word1 << 2) & ~0xFFu) | 0x80u;
    const double t = std::ldexp(static_cast<double>(static_cast<std::int32_t>(bits)), -31);
    const double angle = (quadrant + t / 2.0) * std::numbers::pi / 2.0;
    return {std::sqrt(-2.0 * std::log(uniform)), std::cos(angle), std::sin(angle)};
}

}  // namespace

TEST_CASE("entries are Box-Muller's of their words") {
    // Logarithm, square root, sine and cosine are each within 2 roundings of 2^-24, and the last
    // product makes one more: 8 of them, relative to the radius.
    for (std::uint32_t i = 0; i < ferret_test::word_grid_size; ++i) {
        const std::uint32_t word0 = grid_word0(i);
        const std::uint32_t word1 = grid_word1(i);
        const Expected expected = exact_box_muller(word0, word1);
        const std::array<float, 2> actual = law.raw_values(word0, word1, 0);
        const double tolerance = std::ldexp(expected.radius, -21);
        if (std::abs(static_cast<double>(actual[0]) - expected.radius * expected.cosine) >
                tolerance ||
            std::abs(static_cast<double>(actual[1]) - expected.radius * expected.sine) > tolerance)
            FAIL("words " << word0 << " and " << word1);
    }
}

TEST_CASE("the second moment is 1 within 1e-7") {
    // What the polynomials add to or take from the exact transform of the same words, on average.
    double difference = 0.0;
    for (std::uint32_t i = 0; i < ferret_test::word_grid_size; ++i) {
        const std::array<float, 2> actual = law.raw_values(grid_word0(i), grid_word1(i), 0);
        const auto first = static_cast<double>(actual[0]);
        const auto second = static_cast<double>(actual[1]);
        const Expected expected = exact_box_muller(grid_word0(i), grid_word1(i));
        difference += (first * first + second * second - expected.radius * expected.radius) / 2.0;
    }
    CHECK(std::abs(difference / ferret_test::word_grid_size) <= 1e-7);
    CHECK(law.raw_second_moment() == 1.0);
    CHECK(law.amplitude() == 1.0);
}

TEST_CASE("the most extreme words give finite entries under 6.6") {
    for (const std::uint32_t word0 : {0u, 1u, 2u, 3u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
        for (const std::uint32_t word1 : {0u, 0x3FFFFFFFu, 0x40000000u, 0x7FFFFFFFu, 0x80000000u,
                                          0xBFFFFFFFu, 0xC0000000u, 0xFFFFFFFFu}) {
            const std::array<float, 2> actual = law.raw_values(word0, word1, 0);
            CAPTURE(word0);
            CAPTURE(word1);
            CHECK(std::abs(actual[0]) < 6.6f);
            CHECK(std::abs(actual[1]) < 6.6f);
        }
    }
}

TEST_CASE("drawn entries follow N(0, 1)") {
    constexpr std::size_t count = std::size_t{1} << 18;
    const auto layout = ferret::Layout::per_tensor({count});
    std::vector<double> samples;
    ferret_test::RunningMean first, second, fourth;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double value =
            ferret::reference::entry(ferret::Gaussian{}, layout, {42, 7}, 0, 2, 1, i);
        samples.push_back(value);
        first.add(value);
        second.add(value * value);
        fourth.add(value * value * value * value);
    }
    // Five standard errors, known from the normal's moments: variances 1, 2 and 96 of an entry, its
    // square and its fourth power.
    const double root = std::sqrt(static_cast<double>(count));
    CHECK(std::abs(first.mean()) <= 5.0 * 1.0 / root);
    CHECK(std::abs(second.mean() - 1.0) <= 5.0 * std::sqrt(2.0) / root);
    CHECK(std::abs(fourth.mean() - 3.0) <= 5.0 * std::sqrt(96.0) / root);
    // Confidence 1 - 1e-6.
    const double distance = ferret_test::kolmogorov_smirnov(
        samples, [](double value) { return 0.5 * std::erfc(-value * std::sqrt(0.5)); });
    CHECK(distance <= ferret_test::kolmogorov_smirnov_bound(count));
}
