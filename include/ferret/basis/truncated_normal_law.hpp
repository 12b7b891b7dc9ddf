#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../floating_point.hpp"
#include "../host_device.hpp"

namespace ferret {

/// The second moment of N(0, 1) truncated to [-a, a] with a = 1 / sqrt(d).
/// Math:   rho = 1 - 2 a phi(a) / (2 Phi(a) - 1). With 2 Phi(a) - 1 = 2 phi(a) a (1 + T),
///         T = x/3 (1 + x/5 (1 + x/7 (...))) and x = a^2 = 1/d, this is T / (1 + T): every term is
///         positive, so nothing cancels for any d.
/// Throws: nothing; d is at least 1
/// Source: paper, section 3; Abramowitz and Stegun 26.2.11
inline double truncated_normal_second_moment(std::uint64_t dimension) {
    const double x = 1.0 / static_cast<double>(dimension);
    double nested = 1.0;
    for (int odd = 41; odd >= 5; odd -= 2) nested = std::fma(x / odd, nested, 1.0);
    const double series = x / 3.0 * nested;
    return series / (1.0 + series);
}

/// The inverse distribution function of the truncated normal as an odd polynomial.
/// Math:   with u uniform on (-1, 1), the value is a q(u), q(u) = sum_n p_n u^(2n+1),
///         p_n = c_n g^(2n+1) / d^n. Here sum_n c_n z^(2n+1) is the inverse of
///         z(x) = sqrt(2 pi) (Phi(x) - 1/2), and g = z(a) / a.
///         c_n = k_n / ((2n+1) 2^n), k_n = sum_{m<n} k_m k_(n-1-m) / ((m+1) (2m+1)), k_0 = 1
///         g = sum_n (-1)^n / (d^n 2^n n! (2n+1))
///         As q(1) = 1, what the first terms leave out is 1 minus their sum; terms are taken until
///         that is at most 2^-(bits+1), a quarter of the lattice's spacing. From d = 2^(bits-3) on,
///         q(u) = u differs by less than that, and no polynomial is evaluated.
/// Repro:  sums are fused or of quotients, so no compiler can contract them differently
/// Source: power series of the inverse error function, Abramowitz and Stegun 7.1 reverted
class TruncatedNormalPolynomial {
public:
    static constexpr std::size_t max_terms = 32;

    /// bits: the lattice of u has 2^bits points, u = (2r + 1) / 2^bits
    TruncatedNormalPolynomial(std::uint64_t dimension, unsigned bits) {
        if (dimension >= std::uint64_t{1} << (bits - 3)) return;
        const double x = 1.0 / static_cast<double>(dimension);
        const double slope = slope_at(x);
        const double tolerance = std::ldexp(1.0, -static_cast<int>(bits + 1));

        std::array<double, max_terms> k{1.0};
        double power = slope;  // g^(2n+1) / (2d)^n
        double left_out = 1.0;
        while (terms_ < max_terms && left_out > tolerance) {
            if (terms_ > 0) {
                for (std::size_t m = 0; m < terms_; ++m)
                    k[terms_] +=
                        k[m] * k[terms_ - 1 - m] / static_cast<double>((m + 1) * (2 * m + 1));
                power = power * slope * slope * x / 2.0;
            }
            const double c = k[terms_] / static_cast<double>(2 * terms_ + 1);
            coefficients_[terms_] = static_cast<float>(c * power);
            left_out = std::fma(-c, power, left_out);
            ++terms_;
        }
    }

    /// Number of terms; zero where q(u) = u.
    FERRET_HOST_DEVICE std::size_t terms() const { return terms_; }
    float coefficient(std::size_t n) const { return coefficients_[n]; }

    /// Math:   u (p_0 + t (p_1 + t (...))), t = u^2, in float with fused multiply-adds
    FERRET_HOST_DEVICE float operator()(float u) const {
        const float squared = u * u;
        float value = coefficients_[terms_ - 1];
        for (std::size_t n = terms_ - 1; n-- > 0;)
            value = std::fma(value, squared, coefficients_[n]);
        return u * value;
    }

    /// Math:   E[q(u)^2] over the lattice, from the lattice's moments
    ///         E[u^(2j)] = 1/(2j+1) - j/3 4^-bits + O(16^-bits)
    double second_moment(unsigned bits) const {
        const double spacing = std::ldexp(1.0, -2 * static_cast<int>(bits));
        double total = 0.0;
        for (std::size_t m = 0; m < terms_; ++m) {
            for (std::size_t n = 0; n < terms_; ++n) {
                const auto j = static_cast<double>(m + n + 1);
                const double moment = std::fma(-j / 3.0, spacing, 1.0 / (2.0 * j + 1.0));
                total = std::fma(
                    static_cast<double>(coefficients_[m]) * static_cast<double>(coefficients_[n]),
                    moment, total);
            }
        }
        return total;
    }

private:
    static double slope_at(double x) {
        double term = 1.0;
        double slope = 1.0;
        for (int n = 1; n <= 16; ++n) {
            term = -term * x / (2.0 * n);
            slope += term / (2.0 * n + 1.0);
        }
        return slope;
    }

    std::array<float, max_terms> coefficients_{};
    std::size_t terms_ = 0;
};

}  // namespace ferret
