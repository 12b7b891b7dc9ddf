#include "support/dense_families.hpp"
#include "support/statistics.hpp"
#include "support/updates.hpp"
#include "support/word_grid.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

// What the bases are for: V gamma is delta on average, and its error follows the stated law. Each
// bound is five standard errors of an average over fixed seeds, so a right library fails one of
// them with probability 6e-7, and about 160 of them are checked.

namespace {

constexpr std::size_t size = 40;
constexpr std::uint64_t seeds = 20000;

/// Averages over many seeds of what Projector and Reconstructor make of one update.
struct Averages {
    std::vector<ferret_test::RunningMean> elements{size};  ///< V gamma, element by element
    ferret_test::RunningMean ratio;                        ///< <delta, V gamma> / ||delta||^2
    ferret_test::RunningMean error;                        ///< ||V gamma - delta||^2 / ||delta||^2
};

double squared_norm(const std::vector<float>& values) {
    double total = 0.0;
    for (const float value : values) total += static_cast<double>(value) * value;
    return total;
}

Averages average(const ferret::Basis& basis, std::uint64_t bases, const std::vector<float>& delta) {
    const auto layout = ferret::Layout::per_tensor({size});
    const ferret::Cpu cpu{.threads = 1};
    const ferret::Projector project{layout, basis, ferret::Uniform{bases}, cpu};
    const ferret::Reconstructor reconstruct{layout, basis, cpu};
    const double norm = squared_norm(delta);
    Averages averages;
    std::vector<float> rebuilt(size);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        std::fill(rebuilt.begin(), rebuilt.end(), 0.0f);
        reconstruct(project(delta, {seed / 2, seed % 2}), rebuilt, 1.0f);
        double product = 0.0;
        double error = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            const auto value = static_cast<double>(rebuilt[i]);
            const auto wanted = static_cast<double>(delta[i]);
            averages.elements[i].add(value);
            product += value * wanted;
            error += (value - wanted) * (value - wanted);
        }
        averages.ratio.add(product / norm);
        averages.error.add(error / norm);
    }
    return averages;
}

/// E[v^4] / E[v^2]^2 of one entry, over an even grid of words.
template <ferret::DenseBasis F>
double kurtosis() {
    const typename F::Block law(size);
    double second = 0.0;
    double fourth = 0.0;
    for (std::uint32_t i = 0; i < ferret_test::word_grid_size; ++i) {
        const auto value = static_cast<double>(
            law.raw_values(ferret_test::grid_word0(i), ferret_test::grid_word1(i), 0)[0]);
        second += value * value / ferret_test::word_grid_size;
        fourth += value * value * value * value / ferret_test::word_grid_size;
    }
    return fourth / (second * second);
}

}  // namespace

TEST_CASE("dense bases: E[V gamma] = delta, and the error is (d - 2 + kurtosis) / K") {
    const std::vector<float> delta = ferret_test::simple_update(size);
    const double norm = squared_norm(delta);
    double fourth_powers = 0.0;
    for (const float value : delta) fourth_powers += std::pow(static_cast<double>(value), 4);
    constexpr std::uint64_t bases = size;
    const double draws = static_cast<double>(bases * seeds);

    ferret_test::for_each_dense_family([&]<class F>(F family) {
        CAPTURE(F::name);
        const Averages averages = average(family, bases, delta);
        const double kappa = kurtosis<F>();

        // One term v_i <v, delta> / rho has variance ||delta||^2 + (kurtosis - 2) delta_i^2.
        for (std::size_t i = 0; i < size; ++i) {
            CAPTURE(i);
            const double square = static_cast<double>(delta[i]) * delta[i];
            const double standard_error = std::sqrt((norm + (kappa - 2.0) * square) / draws);
            CHECK(std::abs(averages.elements[i].mean() - delta[i]) <= 5.0 * standard_error);
        }
        // <v, delta>^2 / (rho ||delta||^2) has variance 2 + (kurtosis - 3) sum delta^4 / norm^2.
        // Five standard errors are 0.8%: a rho that is 1% off fails here.
        const double ratio_error =
            std::sqrt((2.0 + (kappa - 3.0) * fourth_powers / (norm * norm)) / draws);
        CHECK(5.0 * ratio_error < 0.009);
        CHECK(std::abs(averages.ratio.mean() - 1.0) <= 5.0 * ratio_error);
        // The standard error of the error is estimated from the same 20000 values.
        const double expected = (static_cast<double>(size) - 2.0 + kappa) / bases;
        CHECK(std::abs(averages.error.mean() - expected) <= 5.0 * averages.error.standard_error());
    });
}

TEST_CASE("SparseSign: E[V gamma] = delta, and the error is d / K - 1") {
    const std::vector<float> delta = ferret_test::simple_update(size);
    const double norm = squared_norm(delta);
    for (const std::uint64_t bases : {2u, 8u, 20u}) {
        CAPTURE(bases);
        const Averages averages = average(ferret::SparseSign{}, bases, delta);
        // The block is one chunk, so elements share a basis where they are equal modulo K, and only
        // the signs are random: element i errs by the signed sum of its companions.
        double pairs = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            CAPTURE(i);
            double companions = 0.0;
            for (std::size_t j = i % bases; j < size; j += bases)
                if (j != i) companions += static_cast<double>(delta[j]) * delta[j];
            pairs += companions * static_cast<double>(delta[i]) * delta[i];
            const double standard_error = std::sqrt(companions / static_cast<double>(seeds));
            CHECK(std::abs(averages.elements[i].mean() - delta[i]) <= 5.0 * standard_error);
        }
        // <delta, V gamma> - ||delta||^2 is twice the sum over pairs, each of which `pairs` counts
        // twice.
        const double ratio_error = std::sqrt(2.0 * pairs / static_cast<double>(seeds)) / norm;
        CHECK(std::abs(averages.ratio.mean() - 1.0) <= 5.0 * ratio_error);
        const double expected = static_cast<double>(size) / static_cast<double>(bases) - 1.0;
        CHECK(std::abs(averages.error.mean() - expected) <= 5.0 * averages.error.standard_error());
    }
}
