#pragma once

#include <cstddef>
#include <cstdint>

#include "run/options.hpp"

namespace fed_llm {

/// The server rate of a run that names none.
///
/// Math:   Ferret's rebuilt update has, beside the mean update itself, noise of n = d / (K m) times
///         its energy, in all directions alike; m is the number of active clients where each has
///         bases of its own, 1 where they share them. A step s along it lowers a loss with Hessian H
///         most at s = 1 / (1 + c n), where c is the ratio of H's mean eigenvalue to its curvature
///         along the update. c = 0.01 is what the sweep of docs/reproduction.md found.
///         All other algorithms: 1. Their update has no noise of this kind, or, for ferret-public,
///         the scale that the public code gives it.
/// Shapes: parameters: d; clients: those of a round
double server_rate_rule(const Options& options, std::int64_t parameters, std::size_t clients);

/// The options' server rate, or the rule's where they leave it open.
double server_rate_of(const Options& options, std::int64_t parameters, std::size_t clients);

}  // namespace fed_llm
