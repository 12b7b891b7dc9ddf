#pragma once

#include <vector>

#include "bar.hpp"
#include "measurement.hpp"
#include "sizes.hpp"

namespace figures {

/// Figure 7: how well K numbers give the gradient of sum x_i^2 back, at a point of N(0, I).
///
/// Ferret's bases project the gradient itself. Zeroth-order methods see values of the function
/// only: forward differences along normal directions, whose curvature term grows with the
/// perturbation, and central ones, which are exact on this function.
std::vector<Measurement> figure7(const Sizes& sizes);

/// TruncatedNormal is within 10% of sqrt(K/(K+d)), and forward differences with perturbations from
/// 0.01 on stay under it.
std::vector<Bar> bars_of_figure7(const std::vector<Measurement>& measurements, const Sizes& sizes);

}  // namespace figures
