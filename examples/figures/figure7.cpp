#include "figure7.hpp"

#include <algorithm>
#include <sstream>

#include "functions.hpp"
#include "rebuild.hpp"
#include "zeroth_order.hpp"

namespace figures {
namespace {

double bases_of(const Measurement& one) {
    return one.bases;
}

std::vector<Measurement> measure(const Sizes& sizes, std::uint64_t seed) {
    const std::size_t dimension = sizes.figure7_dimension;
    const std::vector<double> point = normal_point(dimension, seed);
    const std::vector<double> wanted = gradient<SquareSum>(point);
    std::vector<Measurement> rows;

    for (const ferret::Basis& basis : compared_bases) {
        for (const std::uint32_t bases : sizes.figure7_bases) {
            const Rebuilt rebuilt = rebuild(wanted, basis, bases, 1, {seed, 1});
            rows.push_back({.method = std::string(ferret::basis_name(basis)),
                            .dimension = dimension,
                            .bases = bases,
                            .seed = seed,
                            .cosine = cosine(wanted, rebuilt.update)});
        }
    }

    const Directions directions(dimension, {seed, 1});
    const std::uint32_t most = *std::ranges::max_element(sizes.figure7_bases);
    for (const Difference difference : {Difference::forward, Difference::central}) {
        for (const double perturbation : sizes.figure7_perturbations) {
            const std::vector<float> slopes =
                directional_slopes<SquareSum>(point, directions, most, perturbation, difference);
            for (const std::uint32_t bases : sizes.figure7_bases) {
                const std::vector<double> estimate = estimated_gradient(
                    directions, std::span<const float>(slopes).first(bases), dimension);
                rows.push_back({.method = difference == Difference::forward
                                              ? "zeroth-order-forward"
                                              : "zeroth-order-central",
                                .perturbation = perturbation,
                                .dimension = dimension,
                                .bases = bases,
                                .seed = seed,
                                .cosine = cosine(wanted, estimate)});
            }
        }
    }
    return rows;
}

}  // namespace

std::vector<Measurement> figure7(const Sizes& sizes) {
    return over_seeds(sizes.first_seed, sizes.seeds,
                      [&](std::uint64_t seed) { return measure(sizes, seed); });
}

std::vector<Bar> bars_of_figure7(const std::vector<Measurement>& measurements, const Sizes& sizes) {
    const auto dimension = static_cast<double>(sizes.figure7_dimension);
    const auto ferret = mean_cosines(measurements, "truncated-normal", 0.0, bases_of);
    LargestDeviation deviation;
    for (const auto& [bases, mean] : ferret) deviation.add(mean, expected_cosine(bases, dimension));
    std::vector<Bar> bars{{"figure 7: TruncatedNormal off sqrt(K/(K+d))", deviation.value(), 0.1}};
    for (const double perturbation : sizes.figure7_perturbations) {
        if (perturbation < 0.01) continue;
        double highest = 0.0;
        for (const auto& [bases, mean] :
             mean_cosines(measurements, "zeroth-order-forward", perturbation, bases_of)) {
            highest = std::max(highest, mean / ferret.at(bases));
        }
        std::ostringstream number;
        number << perturbation;
        bars.push_back(
            {"figure 7: zeroth order over TruncatedNormal, eps " + number.str(), highest, 1.0});
    }
    return bars;
}

}  // namespace figures
