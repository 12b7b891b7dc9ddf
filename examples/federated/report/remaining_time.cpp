#include "federated/report/remaining_time.hpp"

namespace federated {

void RemainingTime::learn(const RoundSummary& round) {
    evaluation_ += round.evaluation_seconds;
    ++evaluated_;
    if (round.round == 0) return;
    training_ += round.training_seconds + round.projection_seconds;
    aggregation_ += round.aggregation_seconds;
    ++trained_;
}

double RemainingTime::mean_evaluation() const {
    return evaluated_ > 0 ? evaluation_ / static_cast<double>(evaluated_) : 0.0;
}

std::optional<double> RemainingTime::seconds(const Progress& progress, double in_phase,
                                             double of_phase) const {
    using Phase = Progress::Phase;
    if (progress.phase == Phase::warm_up) return std::nullopt;
    if (progress.phase == Phase::generation) return in_phase;
    const auto rounds_left = static_cast<double>(rounds_ - progress.round);
    const bool in_training = progress.phase == Phase::training;
    if (trained_ == 0 && !in_training && rounds_left > 0.0) return std::nullopt;

    // The first round's training is known from its own progress.
    const double divisor = trained_ > 0 ? static_cast<double>(trained_) : 1.0;
    const double training = trained_ > 0 ? training_ / divisor : of_phase;
    const double aggregation = aggregation_ / divisor;
    const double evaluation = mean_evaluation();
    double left = in_phase + rounds_left * (training + aggregation + evaluation) + answers_;
    if (in_training) left += aggregation;
    if (progress.phase != Phase::evaluation) left += evaluation;
    return left;
}

}  // namespace federated
