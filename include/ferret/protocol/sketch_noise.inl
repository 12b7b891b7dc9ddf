#pragma once

#include <algorithm>
#include <cmath>

#include "sketch_noise.hpp"

namespace ferret {

FERRET_API double noise_of_shared_bases(const SketchSetting& setting) {
    const auto clients = static_cast<double>(setting.clients);
    return setting.per_coordinate * (1.0 + setting.unlikeness * setting.rounding_up / clients) *
               (1.0 + setting.rounding_down) -
           1.0;
}

FERRET_API double noise_of_own_bases(const SketchSetting& setting) {
    const auto clients = static_cast<double>(setting.clients);
    return setting.unlikeness / clients *
           (setting.per_coordinate * (1.0 + setting.rounding_up) - 1.0);
}

FERRET_API double noise_of_second_sketch(const SketchSetting& setting) {
    return (1.0 + noise_of_own_bases(setting)) * setting.per_coordinate_down *
               (1.0 + setting.rounding_down) -
           1.0;
}

FERRET_API double damping_of(double noise, std::uint64_t parameters) {
    constexpr double all_curved = 12'000.0;  // parameters
    const double curved =
        (std::min)(1.0, std::pow(all_curved / static_cast<double>(parameters), 1.5));
    return 1.0 / (1.0 + curved * noise);
}

}  // namespace ferret
