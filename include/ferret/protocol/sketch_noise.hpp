#pragma once

#include <cstddef>
#include <cstdint>

#include "../compiled.hpp"

namespace ferret {

/// What decides how noisy a round's rebuilt mean is. All noise is told relative to the energy of the clients'
/// mean update; like everything here it is an expectation over bases and roundings.
struct SketchSetting {
    double per_coordinate = 1.0;  ///< d / K of a client's message: numbers behind one coordinate
    double per_coordinate_down = 1.0;  ///< d / K' of a mean that is sketched again
    std::size_t clients = 1;           ///< whose messages are averaged
    double rounding_up = 0.0;          ///< normal_noise of the coordinates' formats
    double rounding_down = 0.0;
    /// h = mean ||Delta_i||^2 / ||mean Delta||^2: how unlike the clients' updates are. 1: alike; the
    /// number of clients: nothing in common
    double unlikeness = 1.0;
};

/// Of clients that share their bases, whose mean sketch travels down.
/// Math: (d / K) (1 + h q_up / m) (1 + q_down) - 1: the bases' noise goes with the mean
double noise_of_shared_bases(const SketchSetting& setting);

/// Of clients with bases of their own, all of whose sketches travel down as they came.
/// Math: n_up = (h / m) ((d / K) (1 + q_up) - 1): the clients' noise averages out
double noise_of_own_bases(const SketchSetting& setting);

/// Of clients with bases of their own, whose rebuilt mean is sketched again for the way down.
/// Math: (1 + n_up) (d / K') (1 + q_down) - 1
double noise_of_second_sketch(const SketchSetting& setting);

/// The share of a rebuilt update that a model of d parameters follows.
/// Math: a step s along an update with n times its energy of noise, in all directions alike, lowers a loss with
///       Hessian H most at s = 1 / (1 + c n), where c = (trace(H) / d) / (H's curvature along the update): the
///       share of directions that are as curved as the update's. The larger the model, the smaller:
///       c = min(1, (12,000 / d)^(3/2)), which docs/reproduction.md has the runs for, on two models
double damping_of(double noise, std::uint64_t parameters);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "sketch_noise.inl"
#endif
