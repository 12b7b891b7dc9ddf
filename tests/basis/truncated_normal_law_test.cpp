#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/basis/truncated_normal_law.hpp>
#include <utility>

namespace {

// 1 - 2 a phi(a) / (2 Phi(a) - 1) with a = 1/sqrt(d), by Python's mpmath with 80 digits:
//   a = 1/mp.sqrt(d); phi = mp.exp(-a*a/2)/mp.sqrt(2*mp.pi); 1 - 2*a*phi/mp.erf(a/mp.sqrt(2))
constexpr std::pair<std::uint64_t, double> second_moments[] = {
    {1, 0.29112509477279321119},
    {2, 0.15582825626417682402},
    {3, 0.10625287866691973917},
    {5, 0.064906039012005809911},
    {10, 0.032891019186519437926},
    {100, 0.003328891006699802185},
    {1000, 0.00033328889100543207739},
    {4096, 0.000081377559268808188072},
    {8191, 0.000040694409395104533401},
    {8192, 0.000040689441896685573345},
    {1000000, 3.3333328888889100529e-7},
    {1048576, 3.1789139838009842356e-7},
    {1000000000, 3.3333333328888888889e-10},
    {1073741824, 3.1044085816661009463e-10},
    {1099511627776, 3.0316490059093931572e-13},
};

}  // namespace

TEST_CASE("rho agrees with 80-digit arithmetic from d = 1 to 2^40") {
    // 20 fused terms, all positive: a handful of roundings of 2^-53 each; 2^-49 is 16 of them.
    for (const std::pair<std::uint64_t, double>& moment : second_moments) {
        CAPTURE(moment.first);
        const double actual = ferret::truncated_normal_second_moment(moment.first);
        CHECK(std::abs(actual - moment.second) <= std::ldexp(moment.second, -49));
    }
}

TEST_CASE("the polynomial is taken to where a quarter of the lattice's spacing is left out") {
    for (const unsigned bits : {16u, 24u}) {
        for (const std::uint64_t dimension : {1u, 2u, 10u, 100u, 1000u, 8191u}) {
            CAPTURE(bits);
            CAPTURE(dimension);
            const ferret::TruncatedNormalPolynomial polynomial(dimension, bits);
            REQUIRE(polynomial.terms() > 0);
            // q(1) = 1 with all terms. The coefficients are rounded to float: 2^-25 in all of them,
            // as they are positive and add up to 1.
            double sum = 0.0;
            for (std::size_t n = 0; n < polynomial.terms(); ++n) {
                CHECK(polynomial.coefficient(n) > 0.0f);
                sum += static_cast<double>(polynomial.coefficient(n));
            }
            const double tolerance =
                std::ldexp(1.0, -static_cast<int>(bits + 1)) + std::ldexp(1.0, -25);
            CHECK(std::abs(1.0 - sum) <= tolerance);
        }
    }
}

TEST_CASE("from d = 2^(bits - 3) on there is no polynomial") {
    for (const unsigned bits : {16u, 24u}) {
        const std::uint64_t first_linear = std::uint64_t{1} << (bits - 3);
        CHECK(ferret::TruncatedNormalPolynomial(first_linear - 1, bits).terms() > 0);
        CHECK(ferret::TruncatedNormalPolynomial(first_linear, bits).terms() == 0);
        CHECK(ferret::TruncatedNormalPolynomial(std::uint64_t{1} << 40, bits).terms() == 0);
    }
}
