#pragma once

#include <span>
#include <string>
#include <string_view>

namespace federated {

/// What an evaluation found: a number with a name, in lower case and with underscores. Which there are is
/// the program's own: all else goes by their names.
struct Metric {
    std::string name;
    double value = 0.0;

    bool operator==(const Metric&) const = default;
};

/// The metric of this name; NaN if there is none.
double metric_of(std::span<const Metric> metrics, std::string_view name);

/// A metric's name as people read it: "test loss" for test_loss.
std::string words_of(std::string_view name);

}  // namespace federated
