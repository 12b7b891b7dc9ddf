#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "federated/report/remaining_time.hpp"
#include "federated/round/progress.hpp"
#include "federated/round/stopwatch.hpp"

namespace federated {

/// Shows where the work stands: a bar that renews itself on a terminal, otherwise a line for each
/// client and phase.
class ProgressDisplay {
public:
    ProgressDisplay(std::ostream& stream, bool terminal, std::int64_t rounds)
        : stream_(stream), terminal_(terminal), rounds_(rounds), remaining_time_(rounds) {}

    void show(const Progress& progress);

    /// Takes the bar away, so that something else can be printed in its place.
    void clear();

    /// Prints a line that stays.
    void print(const std::string& line);

    /// Where the remaining time is told what the run's parts take.
    RemainingTime& remaining_time() { return remaining_time_; }

private:
    std::string remaining(const Progress& progress) const;

    std::ostream& stream_;
    bool terminal_;
    std::int64_t rounds_;
    RemainingTime remaining_time_;
    Stopwatch phase_;
    double phase_start_ = 0.0;  ///< what was done of the phase when phase_ started
    Stopwatch since_drawn_;
    Progress last_;
    bool started_ = false;
    bool drawn_ = false;
};

/// "7 s", "3:05 min", "2:10 h".
std::string format_duration(double seconds);

/// "#####---------------" of `width` cells.
std::string format_bar(double fraction, int width);

}  // namespace federated
