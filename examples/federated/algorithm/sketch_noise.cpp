#include "federated/algorithm/sketch_noise.hpp"

namespace federated {

double noise_of_shared_bases(const SketchSetting& setting) {
    const auto clients = static_cast<double>(setting.clients);
    return setting.per_coordinate * (1.0 + setting.unlikeness * setting.rounding_up / clients) *
               (1.0 + setting.rounding_down) -
           1.0;
}

double noise_of_own_bases(const SketchSetting& setting) {
    const auto clients = static_cast<double>(setting.clients);
    return setting.unlikeness / clients *
           (setting.per_coordinate * (1.0 + setting.rounding_up) - 1.0);
}

double noise_of_second_sketch(const SketchSetting& setting) {
    return (1.0 + noise_of_own_bases(setting)) * setting.per_coordinate_down *
               (1.0 + setting.rounding_down) -
           1.0;
}

double damping_of(double noise, const SketchSetting& setting) {
    constexpr double curvature_ratio = 0.01;
    constexpr double of_clients = 0.3;
    const double apart = setting.clients < 2 ? 0.0
                                             : (setting.unlikeness - 1.0) /
                                                   (static_cast<double>(setting.clients) - 1.0);
    return 1.0 / (1.0 + curvature_ratio * noise + of_clients * apart);
}

}  // namespace federated
