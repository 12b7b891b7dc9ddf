#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace figures {

/// What a figure has to show: a number that stays at or under its limit.
struct Bar {
    std::string what;
    double measured = 0.0;
    double limit = 0.0;

    bool met() const { return std::isfinite(measured) && measured <= limit; }
};

/// The largest |measured / expected - 1| seen so far; not a number once one was that.
class LargestDeviation {
public:
    void add(double measured, double expected) {
        const double deviation = std::abs(measured / expected - 1.0);
        if (!std::isnan(largest_) && !(deviation <= largest_)) largest_ = deviation;
    }
    double value() const { return largest_; }

private:
    double largest_ = 0.0;
};

}  // namespace figures
