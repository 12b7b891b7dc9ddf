#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "directions.hpp"
#include "functions.hpp"

namespace figures {

/// How a slope along a direction is taken from values of the function.
enum class Difference {
    forward,  ///< (F(x + eps z) - F(x)) / eps
    central   ///< (F(x + eps z) - F(x - eps z)) / (2 eps), as in the public code of FedKSeed
};

/// The slopes of the function along the first `count` directions, by differences.
/// Cost:   O(K d), one or two evaluations of the function a direction
template <class Function>
std::vector<float> directional_slopes(std::span<const double> point, const Directions& directions,
                                      std::uint32_t count, double perturbation,
                                      Difference difference) {
    std::vector<float> slopes;
    double here = 0.0;
    if (difference == Difference::forward) here = value_at<Function>(point, point, 0.0);
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::vector<double> direction = directions.direction(k);
        const double ahead = value_at<Function>(point, direction, perturbation);
        const double slope = difference == Difference::forward
                                 ? (ahead - here) / perturbation
                                 : (ahead - value_at<Function>(point, direction, -perturbation)) /
                                       (2.0 * perturbation);
        slopes.push_back(static_cast<float>(slope));
    }
    return slopes;
}

/// The gradient as zeroth-order methods estimate it.
/// Math:   (1/K) sum_k slopes[k] z_k
inline std::vector<double> estimated_gradient(const Directions& directions,
                                              std::span<const float> slopes,
                                              std::size_t dimension) {
    std::vector<double> estimate(dimension, 0.0);
    directions.add(slopes, estimate, 1.0f / static_cast<float>(slopes.size()));
    return estimate;
}

/// Which directions the steps of a zeroth-order client go along.
enum class Redraw {
    never,      ///< the same in all steps: K numbers tell the server everything
    every_step  ///< others in each step: T K numbers do
};

/// A zeroth-order client: each step goes along the gradient estimated, by central differences, where
/// the steps before have led. Returns what the first `steps` steps change (start minus end), for
/// each number of steps; these rise.
/// seed: of the directions; its rounds are the steps
template <class Function>
std::vector<std::vector<double>> zeroth_order_descent(std::span<const double> start,
                                                      std::span<const int> steps, double rate,
                                                      std::uint32_t directions_per_step,
                                                      double perturbation, Redraw redraw,
                                                      std::uint64_t seed) {
    std::vector<double> point(start.begin(), start.end());
    std::vector<std::vector<double>> updates;
    int step = 0;
    for (const int wanted : steps) {
        for (; step < wanted; ++step) {
            const auto round =
                redraw == Redraw::every_step ? static_cast<std::uint64_t>(step) : std::uint64_t{0};
            const Directions directions(start.size(), {seed, round});
            const std::vector<float> slopes = directional_slopes<Function>(
                point, directions, directions_per_step, perturbation, Difference::central);
            directions.add(slopes, point, static_cast<float>(-rate / directions_per_step));
        }
        std::vector<double> update(start.begin(), start.end());
        std::transform(start.begin(), start.end(), point.begin(), update.begin(),
                       [](double before, double after) { return before - after; });
        updates.push_back(std::move(update));
    }
    return updates;
}

}  // namespace figures
