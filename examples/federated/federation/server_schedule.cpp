#include "federated/federation/server_schedule.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace federated {

double server_rate(ServerSchedule schedule, double peak, std::int64_t round, std::int64_t rounds) {
    if (round < 1 || round > rounds) {
        throw std::invalid_argument("server rate: expected a round in 1.." +
                                    std::to_string(rounds) + ", got " + std::to_string(round));
    }
    const double past = static_cast<double>(round - 1) / static_cast<double>(rounds);
    switch (schedule) {
        case ServerSchedule::constant:
            return peak;
        case ServerSchedule::linear:
            return peak * (1.0 - past);
        case ServerSchedule::cosine:
            return peak * 0.5 * (1.0 + std::cos(std::numbers::pi * past));
    }
    throw std::invalid_argument("server rate: unknown schedule");
}

}  // namespace federated
