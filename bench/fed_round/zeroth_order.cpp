#include "zeroth_order.hpp"

#include <cmath>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "device.hpp"
#include "federated/projection/projection.hpp"
#include "federated/round/sampling.hpp"
#include "full_update.hpp"

namespace fed_round {
namespace {

constexpr std::uint64_t seed = 42;
constexpr double difference = 5e-4;     // FedKSeed's eps
constexpr double learning_rate = 3e-7;  // FedKSeed's

/// The model, moved along directions z ~ N(0, I) that are functions of their number.
class PerturbedModel {
public:
    explicit PerturbedModel(fed_llm::Client& client)
        : client_(client),
          reconstruct_(ferret::Layout::uniform(client.tensor_sizes(), client.parameter_count()),
                       ferret::Gaussian{}) {}

    /// Of one example, chosen by a number, without gradient.
    /// Throws: std::runtime_error if it is not finite
    double loss(std::int64_t number) {
        const torch::NoGradGuard no_grad;
        const auto index = static_cast<std::size_t>(number) % client_.examples.size();
        const std::span<const fed_llm::Example> examples(client_.examples);
        const double value = client_.model.loss(examples.subspan(index, 1)).item<double>();
        if (!std::isfinite(value)) {
            throw std::runtime_error("training: a loss became infinite or not a number");
        }
        return value;
    }

    void add(std::uint32_t direction, double amount) {
        reconstruct_.add_basis(ferret::Seed{seed}, direction, client_.model.parameters,
                               static_cast<float>(amount));
    }

    /// Adds scale * amounts[k] * z_k for all of them, in one pass.
    void add_all(std::vector<float> amounts, double scale) {
        const ferret::Sketch moves{.seed = ferret::Seed{seed},
                                   .basis = ferret::Gaussian::id,
                                   .layout_fingerprint = reconstruct_.layout().fingerprint(),
                                   .bases_per_block = {static_cast<std::uint32_t>(amounts.size())},
                                   .coordinates = std::move(amounts)};
        reconstruct_(moves, client_.model.parameters, static_cast<float>(scale));
    }

private:
    fed_llm::Client& client_;
    federated::Reconstructor reconstruct_;
};

class FedKSeedRound : public FederatedRound {
public:
    explicit FedKSeedRound(fed_llm::Client& client) : client_(client), model_(client) {
        for (const torch::Tensor& weight : client.model.parameters) {
            before_.push_back(
                weight.detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true));
        }
    }

    RoundOutcome operator()(const Work& work) override {
        const Parts steps = work.zeroth_order_steps;
        const Parts pool = work.seed_pool;
        std::mt19937_64 generator = federated::named_generator(seed, "fed_round's seeds");
        std::vector<float> sums(static_cast<std::size_t>(pool.all), 0.0f);
        RoundOutcome outcome;
        outcome.times.training =
            steps.factor() * seconds_of(client_.device, [&] {
                for (std::int64_t step = 0; step < steps.done; ++step) {
                    const auto chosen =
                        static_cast<std::uint32_t>(federated::random_index(generator, sums.size()));
                    sums[chosen] += static_cast<float>(take_step(chosen, step));
                }
            });

        restore();
        outcome.times.aggregation =
            pool.factor() * seconds_of(client_.device, [&] {
                model_.add_all({sums.begin(), sums.begin() + pool.done}, -learning_rate);
            });
        restore();
        outcome.parameters_up = outcome.parameters_down = sums.size();
        if (steps.done < steps.all || pool.done < pool.all) {
            outcome.extrapolated = "training from " + steps.text() + " steps, aggregation from " +
                                   pool.text() + " seeds";
        }
        return outcome;
    }

private:
    /// Returns the loss's slope along the direction.
    double take_step(std::uint32_t direction, std::int64_t step) {
        model_.add(direction, difference);
        const double above = model_.loss(step);
        model_.add(direction, -2.0 * difference);
        const double below = model_.loss(step);
        const double slope = (above - below) / (2.0 * difference);
        // Back, and the step itself, in one pass.
        model_.add(direction, difference - learning_rate * slope);
        return slope;
    }

    void restore() { federated::assign_weights(client_.model.parameters, before_); }

    fed_llm::Client& client_;
    PerturbedModel model_;
    federated::Weights before_;  // in host memory
};

class FedZoRound : public FederatedRound {
public:
    explicit FedZoRound(fed_llm::Client& client)
        : client_(client),
          model_(client),
          before_(federated::clone_weights(client.model.parameters)) {}

    RoundOutcome operator()(const Work& work) override {
        const Parts perturbations = work.perturbations;
        RoundOutcome outcome;
        outcome.times.training = perturbations.factor() * seconds_of(client_.device, [&] {
                                     federated::assign_weights(before_, client_.model.parameters);
                                     take_step(perturbations.done);
                                 });
        average_full_updates(client_, before_, outcome);
        if (perturbations.done < perturbations.all) {
            outcome.extrapolated = "training from " + perturbations.text() + " perturbations";
        }
        return outcome;
    }

private:
    void take_step(std::int64_t perturbations) {
        const double here = model_.loss(0);
        std::vector<float> slopes;
        for (std::int64_t i = 0; i < perturbations; ++i) {
            const auto direction = static_cast<std::uint32_t>(i);
            model_.add(direction, difference);
            slopes.push_back(static_cast<float>((model_.loss(0) - here) / difference));
            model_.add(direction, -difference);
        }
        // Adding and taking away rounds; the step starts from the weights as they were.
        federated::assign_weights(client_.model.parameters, before_);
        model_.add_all(std::move(slopes), -learning_rate / static_cast<double>(perturbations));
    }

    fed_llm::Client& client_;
    PerturbedModel model_;
    federated::Weights before_;
};

}  // namespace

std::unique_ptr<FederatedRound> make_fed_k_seed(fed_llm::Client& client) {
    return std::make_unique<FedKSeedRound>(client);
}

std::unique_ptr<FederatedRound> make_fed_zo(fed_llm::Client& client) {
    return std::make_unique<FedZoRound>(client);
}

}  // namespace fed_round
