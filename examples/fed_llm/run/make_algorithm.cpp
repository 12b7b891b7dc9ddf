#include "run/make_algorithm.hpp"

#include <stdexcept>

#include "federation/fed_avg.hpp"
#include "federation/fed_it.hpp"
#include "federation/fed_kseed.hpp"
#include "federation/fed_zo.hpp"
#include "federation/ferret.hpp"
#include "federation/ferret_public.hpp"
#include "federation/model_layout.hpp"
#include "federation/top_k.hpp"

namespace fed_llm {

FerretSettings ferret_settings(const Options& options, const TrainableModel& model) {
    return {.layout = make_layout(model, options.layout, options.blocks),
            .basis = ferret::parse_basis(options.basis),
            .budget = ferret::parse_budget_rule(options.budget_rule,
                                                static_cast<std::uint64_t>(options.budget)),
            .format = options.coordinates == "int16" ? ferret::CoordinateFormat::int16
                                                     : ferret::CoordinateFormat::float32,
            .sharing = parse_seed_sharing(options.seeds),
            .refresh = parse_seed_refresh(options.seed_refresh)};
}

namespace {

LocalTraining local_training(const Options& options) {
    // FedIT is named after its optimiser.
    const OptimizerKind optimizer = options.algorithm == "fedit" ? OptimizerKind::adam
                                    : options.algorithm == "fedit-sgd"
                                        ? OptimizerKind::sgd
                                        : parse_optimizer(options.optimizer);
    return {.steps = options.local_steps,
            .accumulate = options.accumulate,
            .batch_size = options.batch_size,
            .optimizer = optimizer,
            .learning_rate = options.lr};
}

ZerothOrder zeroth_order(const Options& options) {
    return {.steps = options.local_steps,
            .examples = options.accumulate * options.batch_size,
            .perturbation = options.perturbation,
            .learning_rate = options.lr};
}

FerretPublicSettings ferret_public_settings(const Options& options, const TrainableModel& model) {
    return {.layout = make_layout(model, options.layout, options.blocks),
            .basis = ferret::parse_basis(options.basis),
            .pool_size = static_cast<std::uint32_t>(options.pool_size),
            .momentum = options.pool_momentum,
            .clip_norm = options.clip_norm};
}

}  // namespace

std::unique_ptr<Algorithm> make_algorithm(const Options& options, TrainableModel& model) {
    const std::string& name = options.algorithm;
    const LocalTraining training = local_training(options);
    if (name == "fedavg") {
        return std::make_unique<FedAvg>(model, training, options.seed);
    }
    if (name == "ferret") {
        return std::make_unique<Ferret>(model, training, options.seed,
                                        ferret_settings(options, model));
    }
    if (name == "fedkseed" || name == "fedkseed-pro") {
        const auto sampling = name == "fedkseed" ? SeedSampling::uniform : SeedSampling::important;
        return std::make_unique<FedKSeed>(model, zeroth_order(options),
                                          static_cast<std::uint32_t>(options.pool_size), sampling,
                                          options.seed);
    }
    if (name == "fedzo") {
        return std::make_unique<FedZo>(model, zeroth_order(options), options.directions,
                                       options.seed);
    }
    if (name == "fedit" || name == "fedit-sgd") {
        return std::make_unique<FedIt>(
            model, training, LoraSettings{.rank = options.lora_rank, .alpha = options.lora_alpha},
            options.seed);
    }
    if (name == "top-k") {
        return std::make_unique<TopK>(model, training, options.seed,
                                      static_cast<std::uint64_t>(options.budget));
    }
    if (name == "ferret-public") {
        return std::make_unique<FerretPublic>(model, training, options.seed,
                                              ferret_public_settings(options, model));
    }
    throw std::invalid_argument("algorithm: unknown name '" + name + "'");
}

}  // namespace fed_llm
