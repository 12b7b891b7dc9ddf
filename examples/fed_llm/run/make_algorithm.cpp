#include "run/make_algorithm.hpp"

#include <stdexcept>

#include "federation/fed_avg.hpp"
#include "federation/ferret.hpp"

namespace fed_llm {
namespace {

FerretSettings ferret_settings(const Options& options, const TrainableModel& model) {
    return {.layout = make_layout(model, options.layout),
            .basis = ferret::parse_basis(options.basis),
            .budget = ferret::parse_budget_rule(options.budget_rule,
                                                static_cast<std::uint64_t>(options.budget)),
            .format = options.coordinates == "int16" ? ferret::CoordinateFormat::int16
                                                     : ferret::CoordinateFormat::float32,
            .sharing = parse_seed_sharing(options.seeds),
            .refresh = parse_seed_refresh(options.seed_refresh)};
}

}  // namespace

std::unique_ptr<Algorithm> make_algorithm(const Options& options, TrainableModel& model) {
    const LocalTraining training{.steps = options.local_steps,
                                 .accumulate = options.accumulate,
                                 .batch_size = options.batch_size,
                                 .optimizer = parse_optimizer(options.optimizer),
                                 .learning_rate = options.lr};
    if (options.algorithm == "fedavg") {
        return std::make_unique<FedAvg>(model, training, options.seed);
    }
    if (options.algorithm == "ferret") {
        return std::make_unique<Ferret>(model, training, options.seed,
                                        ferret_settings(options, model));
    }
    throw std::invalid_argument("algorithm: expected ferret or fedavg, got '" + options.algorithm +
                                "'");
}

}  // namespace fed_llm
