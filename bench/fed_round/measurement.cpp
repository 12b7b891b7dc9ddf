#include "measurement.hpp"

#include <algorithm>
#include <exception>
#include <memory>

#include "device.hpp"
#include "first_order.hpp"
#include "zeroth_order.hpp"

namespace fed_round {
namespace {

using MakeRound = std::function<std::unique_ptr<FederatedRound>()>;

// The settings of the paper and of FedKSeed.
constexpr std::int64_t zeroth_order_steps = 200;
constexpr std::int64_t perturbations = 200;
constexpr std::int64_t seed_pool = 4096;

Work work_of(const Options& options) {
    const double share = options.zeroth_order_share;
    return {.first_order_steps = options.local_steps,
            .zeroth_order_steps = Parts::share_of(zeroth_order_steps, share),
            .perturbations = Parts::share_of(perturbations, share),
            .seed_pool = Parts::share_of(seed_pool, share)};
}

constexpr Work warm_up{.first_order_steps = 1,
                       .zeroth_order_steps = {1, 1},
                       .perturbations = {1, 1},
                       .seed_pool = {1, 1}};

Measurement measure_one(const Options& options, Client& client, std::string algorithm,
                        std::string basis, const MakeRound& make_round) {
    Measurement measurement{std::move(algorithm), std::move(basis), {}, std::nullopt, ""};
    try {
        draw_weights(client.model);
        const std::unique_ptr<FederatedRound> run = make_round();
        (*run)(warm_up);
        reset_peak_memory(client.device);
        std::vector<RoundOutcome> rounds;
        for (std::int64_t i = 0; i < options.repetitions; ++i) {
            rounds.push_back((*run)(work_of(options)));
        }
        measurement.peak_memory = peak_memory(client.device);
        measurement.rounds = std::move(rounds);
    } catch (const std::exception& error) {
        const std::string message = error.what();
        measurement.failure = message.substr(0, message.find('\n'));  // LibTorch adds its stack
        // Gradients of a step that was not finished.
        for (torch::Tensor& weight : client.model.parameters)
            weight.mutable_grad() = torch::Tensor();
    }
    return measurement;
}

}  // namespace

const RoundOutcome& Measurement::median() const {
    std::vector<const RoundOutcome*> order;
    for (const RoundOutcome& round : rounds) order.push_back(&round);
    std::sort(order.begin(), order.end(), [](const RoundOutcome* a, const RoundOutcome* b) {
        return a->times.total() < b->times.total();
    });
    return *order.at(order.size() / 2);
}

std::vector<Measurement> measure(const Options& options, Client& client,
                                 const std::function<void(const std::string&)>& on_start) {
    std::vector<Measurement> measurements;
    const auto add = [&](const std::string& algorithm, const std::string& basis,
                         const MakeRound& make_round) {
        if (options.algorithm != algorithm && options.algorithm != "all") return;
        on_start(basis.empty() ? algorithm : algorithm + " with " + basis);
        measurements.push_back(measure_one(options, client, algorithm, basis, make_round));
    };
    add("fedzo", "", [&] { return make_fed_zo(client); });
    add("fedkseed", "", [&] { return make_fed_k_seed(client); });
    add("fedavg", "", [&] { return make_fed_avg(client); });
    for (const std::string& basis : options.bases) {
        add("ferret", basis,
            [&] { return make_ferret(client, basis, options.budget_rule, options.budget); });
    }
    return measurements;
}

}  // namespace fed_round
