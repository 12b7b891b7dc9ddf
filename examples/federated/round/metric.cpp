#include "federated/round/metric.hpp"

#include <algorithm>
#include <limits>

namespace federated {

double metric_of(std::span<const Metric> metrics, std::string_view name) {
    const auto found = std::ranges::find(metrics, name, &Metric::name);
    return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->value;
}

std::string words_of(std::string_view name) {
    std::string words(name);
    std::ranges::replace(words, '_', ' ');
    return words;
}

}  // namespace federated
