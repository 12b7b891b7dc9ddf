#pragma once

#include <chrono>

namespace federated {

/// Wall-clock seconds on a clock that never goes back.
class Stopwatch {
public:
    /// Seconds since construction or the last lap, and starts the next.
    double lap() {
        const double seconds = read();
        start_ = Clock::now();
        return seconds;
    }
    /// Seconds since construction or the last lap.
    double read() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point start_ = Clock::now();
};

}  // namespace federated
