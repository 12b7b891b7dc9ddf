#include "support/statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ferret/basis/truncated_normal.hpp>
#include <ferret/reference.hpp>
#include <set>
#include <vector>

using ferret::TruncatedNormal;
using ferret::TruncatedNormalPolynomial;

namespace {

constexpr std::uint64_t dimensions[] = {1, 2, 10, 100, 4096, 8191, 8192, 1000000};

/// All 2^16 raw values that a block of the 16-bit basis can draw, in ascending order of their bits.
std::vector<double> whole_lattice(const TruncatedNormal<16>::Block& block) {
    std::vector<double> values;
    for (std::int32_t bits = -32768; bits < 32768; ++bits) {
        const std::uint32_t word = static_cast<std::uint32_t>(bits) << 16;
        values.push_back(static_cast<double>(block.raw_values(word, 0, 0)[0]));
    }
    return values;
}

double second_moment_of(const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum = std::fma(value, value, sum);
    return sum / static_cast<double>(values.size());
}

/// The distribution function of N(0, 1) truncated to [-1/sqrt(d), 1/sqrt(d)].
double distribution(std::uint64_t dimension, double value) {
    const double bound = std::sqrt(0.5 / static_cast<double>(dimension));
    return 0.5 + 0.5 * std::erf(value * std::sqrt(0.5)) / std::erf(bound);
}

}  // namespace

TEST_CASE("the second moment is that of the floats that are drawn") {
    for (const std::uint64_t dimension : dimensions) {
        CAPTURE(dimension);
        const TruncatedNormal<16>::Block block(dimension);
        const double exact = second_moment_of(whole_lattice(block));
        // The stated moment is that of the exact polynomial with the same coefficients, to 2^-48.
        // A float evaluation with n terms rounds t = u^2 (which enters up to the power n - 1), n -
        // 1 multiply-adds and a product; all terms are positive, so the relative error of a value
        // is at most (2 n - 1) 2^-24 and that of its square twice as much. Linear blocks are exact
        // up to the summation here: 2^16 roundings of 2^-53.
        const auto terms = static_cast<double>(TruncatedNormalPolynomial(dimension, 16).terms());
        const double tolerance =
            terms > 0.0 ? 2.0 * (2.0 * terms - 1.0) * std::ldexp(1.0, -24) : std::ldexp(1.0, -37);
        CHECK(std::abs(block.raw_second_moment() - exact) <= tolerance * exact);
    }
}

TEST_CASE("the drawn second moment is that of the law up to the lattice") {
    // The polynomial leaves out 2^-17 at most and the lattice's moment is short by 4^-16, of
    // E[q^2] that is at least 0.29: 2 E|q| 2^-17 / 0.29 <= 4 * 2^-17, for 32 bits 4 * 2^-25 and the
    // coefficients' rounding to float, 2^-24.
    for (const std::uint64_t dimension : dimensions) {
        CAPTURE(dimension);
        const double law = ferret::truncated_normal_second_moment(dimension);
        const TruncatedNormal<16>::Block coarse(dimension);
        const TruncatedNormal<32>::Block fine(dimension);
        const double drawn16 = coarse.amplitude() * coarse.amplitude() * coarse.raw_second_moment();
        const double drawn32 = fine.amplitude() * fine.amplitude() * fine.raw_second_moment();
        CHECK(std::abs(drawn16 - law) <= std::ldexp(law, -15));
        CHECK(std::abs(drawn32 - law) <= std::ldexp(law, -22));
    }
}

TEST_CASE("the lattice is symmetric, ascending and within the bounds") {
    for (const std::uint64_t dimension : dimensions) {
        CAPTURE(dimension);
        const TruncatedNormal<16>::Block block(dimension);
        const std::vector<double> values = whole_lattice(block);
        CHECK(std::is_sorted(values.begin(), values.end()));
        CHECK(std::set<double>(values.begin(), values.end()).size() == values.size());
        for (std::size_t i = 0; i < values.size() / 2; ++i)
            if (values[i] != -values[values.size() - 1 - i]) FAIL("not symmetric at " << i);
        CHECK(block.amplitude() * values.back() <= 1.0 / std::sqrt(static_cast<double>(dimension)));
    }
}

TEST_CASE("every lattice point is the law's quantile") {
    for (const std::uint64_t dimension : dimensions) {
        CAPTURE(dimension);
        const TruncatedNormal<16>::Block block(dimension);
        const std::vector<double> values = whole_lattice(block);
        // A value is off by 2^-17 of the bound at most, a quarter of the spacing, and 64 roundings
        // of 2^-24; the law's density, relative to a uniform one, is at most exp(a^2 / 2) <= 1.65,
        // and probabilities are half of u.
        const double tolerance = 0.5 * 1.65 * (std::ldexp(1.0, -17) + std::ldexp(1.0, -18));
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double expected = (static_cast<double>(i) + 0.5) / 65536.0;
            const double actual = distribution(dimension, block.amplitude() * values[i]);
            if (std::abs(actual - expected) > tolerance) {
                FAIL("at " << i << ": expected " << expected << ", got " << actual);
            }
        }
    }
}

TEST_CASE("32-bit entries take 2^24 values") {
    for (const std::uint64_t dimension : {100ull, 1ull << 21, 1ull << 30}) {
        CAPTURE(dimension);
        const TruncatedNormal<32>::Block block(dimension);
        // The low 8 bits of the word do not count, the next one does.
        CHECK(block.raw_values(0x12345600, 0x7FFFFF00, 0) ==
              block.raw_values(0x123456FF, 0x7FFFFFFF, 0));
        CHECK(block.raw_values(0x12345600, 0, 0)[0] < block.raw_values(0x12345700, 0, 0)[0]);
        CHECK(block.raw_values(0x80000000, 0, 0)[0] == -block.raw_values(0x7FFFFFFF, 0, 0)[0]);
    }
}

TEST_CASE("drawn entries follow the law") {
    // 2^17 entries each, confidence 1 - 1e-6; the lattice adds 2^-17 to the distance.
    constexpr std::size_t count = std::size_t{1} << 17;
    for (const ferret::Basis basis :
         {ferret::Basis{TruncatedNormal<16>{}}, ferret::Basis{TruncatedNormal<32>{}}}) {
        for (const std::size_t dimension : {1u, 2u, 10u}) {
            CAPTURE(dimension);
            const auto layout = ferret::Layout::per_tensor({dimension});
            std::vector<double> samples;
            for (std::uint64_t seed = 0; samples.size() < count; ++seed)
                for (std::uint32_t k = 0; k < 1024; ++k)
                    for (std::uint64_t i = 0; i < dimension; ++i)
                        samples.push_back(
                            ferret::reference::entry(basis, layout, {seed, 3}, 0, 1024, k, i));
            const double distance = ferret_test::kolmogorov_smirnov(
                samples, [&](double value) { return distribution(dimension, value); });
            CHECK(distance <=
                  ferret_test::kolmogorov_smirnov_bound(samples.size()) + std::ldexp(1.0, -17));
        }
    }
}
