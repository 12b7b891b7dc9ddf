#include "run/server_rate_rule.hpp"

#include "federation/ferret.hpp"

namespace fed_llm {

double server_rate_rule(const Options& options, std::int64_t parameters, std::size_t clients) {
    if (options.algorithm != "ferret") return 1.0;
    constexpr double curvature_ratio = 0.01;
    const bool own_bases = parse_seed_sharing(options.seeds) == SeedSharing::per_client;
    const double averaged = own_bases ? static_cast<double>(clients) : 1.0;
    const double noise =
        static_cast<double>(parameters) / (static_cast<double>(options.budget) * averaged);
    return 1.0 / (1.0 + curvature_ratio * noise);
}

double server_rate_of(const Options& options, std::int64_t parameters, std::size_t clients) {
    return options.server_lr > 0.0 ? options.server_lr
                                   : server_rate_rule(options, parameters, clients);
}

}  // namespace fed_llm
