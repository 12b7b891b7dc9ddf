#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace ferret_test {

/// A bound that a chi-square statistic stays under with probability at least 1 - 1e-6.
/// Source: Laurent and Massart (2000), lemma 1: P(X >= n + 2 sqrt(n x) + 2 x) <= exp(-x)
inline double chi_square_bound(double degrees_of_freedom) {
    const double x = std::log(1e6);
    return degrees_of_freedom + 2.0 * std::sqrt(degrees_of_freedom * x) + 2.0 * x;
}

/// Math:   sum of (count - expected)^2 / expected over equally likely cells
inline double chi_square(const std::vector<std::size_t>& counts) {
    double total = 0.0;
    for (const std::size_t count : counts) total += static_cast<double>(count);
    const double expected = total / static_cast<double>(counts.size());
    double statistic = 0.0;
    for (const std::size_t count : counts) {
        const double difference = static_cast<double>(count) - expected;
        statistic += difference * difference / expected;
    }
    return statistic;
}

/// The Kolmogorov-Smirnov distance of samples from a distribution function.
template <class Distribution>
double kolmogorov_smirnov(std::vector<double> samples, const Distribution& distribution) {
    std::sort(samples.begin(), samples.end());
    const auto count = static_cast<double>(samples.size());
    double distance = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double expected = distribution(samples[i]);
        const auto rank = static_cast<double>(i);
        distance = std::max({distance, expected - rank / count, (rank + 1.0) / count - expected});
    }
    return distance;
}

/// A bound that the distance of `count` samples of the law stays under with probability at least
/// 1 - 1e-6. Source: Massart (1990): P(D > t) <= 2 exp(-2 n t^2)
inline double kolmogorov_smirnov_bound(std::size_t count) {
    return std::sqrt(std::log(2e6) / (2.0 * static_cast<double>(count)));
}

/// Mean of numbers, and how far their mean may be off.
class RunningMean {
public:
    void add(double value) {
        count_ += 1.0;
        const double difference = value - mean_;
        mean_ += difference / count_;
        squares_ += difference * (value - mean_);
    }
    double mean() const { return mean_; }
    /// Math:   sqrt(sample variance / n)
    double standard_error() const { return std::sqrt(squares_ / (count_ - 1.0) / count_); }

private:
    double count_ = 0.0;
    double mean_ = 0.0;
    double squares_ = 0.0;
};

}  // namespace ferret_test
