#pragma once

#include <cstdint>
#include <optional>

#include "federated/round/progress.hpp"
#include "federated/store/metrics.hpp"

namespace federated {

/// How long a run still takes, from what its phases took so far.
class RemainingTime {
public:
    explicit RemainingTime(std::int64_t rounds) : rounds_(rounds) {}

    /// Takes in a measured round, round 0 included. Rounds to come count as the mean of those.
    void learn(const RoundSummary& round);

    /// Takes in what the answers after the last round will take.
    void expect_answers(double seconds) { answers_ = seconds; }

    /// Seconds to the end of the run, when the rest of the present phase takes `in_phase` and all of
    /// it `of_phase`. Nothing as long as no client has trained, and in the warm-up: then only the
    /// phase's own end is known.
    std::optional<double> seconds(const Progress& progress, double in_phase, double of_phase) const;

private:
    double mean_evaluation() const;

    std::int64_t rounds_;
    double training_ = 0.0;
    double aggregation_ = 0.0;
    double evaluation_ = 0.0;
    double answers_ = 0.0;
    std::int64_t trained_ = 0;
    std::int64_t evaluated_ = 0;
};

}  // namespace federated
