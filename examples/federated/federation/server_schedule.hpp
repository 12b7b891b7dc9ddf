#pragma once

#include <cstdint>

#include "federated/options/choice.hpp"

namespace federated {

/// How the server rate goes down over the rounds.
enum class ServerSchedule { constant, linear, cosine };

inline constexpr Choice<ServerSchedule> server_schedules[] = {
    {"constant", ServerSchedule::constant},
    {"linear", ServerSchedule::linear},
    {"cosine", ServerSchedule::cosine}};

/// The server rate of a round, `round` in 1..rounds.
///
/// Math: with p = (round - 1) / rounds, the rate is peak (constant), peak (1 - p) (linear) or
/// peak (1 + cos(pi p)) / 2 (cosine): the first round has the full rate, none has rate 0.
/// Throws: std::invalid_argument unless 1 <= round <= rounds.
double server_rate(ServerSchedule schedule, double peak, std::int64_t round, std::int64_t rounds);

}  // namespace federated
