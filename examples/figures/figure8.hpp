#pragma once

#include <vector>

#include "bar.hpp"
#include "measurement.hpp"
#include "sizes.hpp"

namespace figures {

// Figure 8: updates of gradient steps on sum sin^2 x_i from a point of N(0, I). Ferret's clients
// take true gradient steps and project what they change. Zeroth-order clients take as many steps
// along central differences on K directions, the same in all steps or redrawn in each; what they
// change is held against the true steps' change.

/// (a) Against the number of steps.
std::vector<Measurement> figure8a(const Sizes& sizes);

/// (b) Against d.
std::vector<Measurement> figure8b(const Sizes& sizes);

/// (c) Ferret alone against the number of blocks, one seed after the other. Times are one
/// thread's, the shortest of five.
std::vector<Measurement> figure8c(const Sizes& sizes);

/// TruncatedNormal is within 10% of sqrt(K/(K+d)) for every number of steps. Zeroth order that sends
/// K numbers too loses at least half of its cosine from the first number of steps to the last.
std::vector<Bar> bars_of_figure8a(const std::vector<Measurement>& measurements, const Sizes& sizes);

/// TruncatedNormal is within 10% of sqrt(K/(K+d)) for every d.
std::vector<Bar> bars_of_figure8b(const std::vector<Measurement>& measurements);

/// TruncatedNormal is within 10% of sqrt(K/(K+d)) for every number of blocks.
std::vector<Bar> bars_of_figure8c(const std::vector<Measurement>& measurements);

}  // namespace figures
