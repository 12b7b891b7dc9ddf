#include "zeroth_order.hpp"

#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "device.hpp"
#include "federated/algorithm/fed_kseed.hpp"
#include "federated/algorithm/fed_zo.hpp"
#include "federated/model/weights.hpp"
#include "full_update.hpp"

namespace fed_round {
namespace {

constexpr double difference = 5e-4;     // FedKSeed's eps
constexpr double learning_rate = 3e-7;  // FedKSeed's

federated::ZerothOrder steps_of_one_example(std::int64_t steps) {
    return {
        .steps = steps, .examples = 1, .perturbation = difference, .learning_rate = learning_rate};
}

/// FedKSeed's walk and its rebuilding, around a copy of the weights in host memory: a client has no
/// other, where the simulation keeps two beside the model.
class FedKSeedRound : public FederatedRound {
public:
    explicit FedKSeedRound(Client& client) : client_(client) {
        for (const torch::Tensor& weight : client.model.parameters) {
            before_.push_back(
                weight.detach().to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true));
        }
    }

    RoundOutcome operator()(const Work& work) override {
        const Parts steps = work.zeroth_order_steps;
        const Parts pool = work.seed_pool;
        const auto size = static_cast<std::uint32_t>(pool.all);
        federated::PoolWalk walk(client_.model, steps_of_one_example(steps.done),
                                 {size, federated::SeedSampling::uniform, seed});
        std::vector<federated::Slope> slopes;
        double mean_loss = 0.0;
        RoundOutcome outcome;
        outcome.times.training =
            steps.factor() * seconds_of(client_.device, [&] {
                slopes = walk(client_.participant(), {++round_, 1.0}, {}, {}, mean_loss);
            });
        if (slopes.size() != static_cast<std::size_t>(steps.done)) {
            throw std::runtime_error("training: a loss became infinite or not a number");
        }
        restore();
        std::vector<float> accumulated(static_cast<std::size_t>(pool.done), 0.0f);
        for (const federated::Slope& slope : slopes) {
            accumulated[slope.k % accumulated.size()] += slope.value;
        }
        outcome.times.aggregation =
            pool.factor() * seconds_of(client_.device, [&] { walk.add_all(accumulated); });
        restore();
        outcome.parameters_up = outcome.parameters_down = size;
        if (steps.done < steps.all || pool.done < pool.all) {
            outcome.extrapolated = "training from " + steps.text() + " steps, aggregation from " +
                                   pool.text() + " seeds";
        }
        return outcome;
    }

private:
    void restore() { federated::assign_weights(client_.model.parameters, before_); }

    Client& client_;
    federated::Weights before_;  // in host memory
    std::int64_t round_ = 0;
};

class FedZoRound : public FederatedRound {
public:
    explicit FedZoRound(Client& client) : client_(client) {}

    RoundOutcome operator()(const Work& work) override {
        const Parts perturbations = work.perturbations;
        if (!round_ || perturbations_ != perturbations.done) {
            round_.reset();  // before another copy of the weights is made
            perturbations_ = perturbations.done;
            round_.emplace(client_,
                           federated::zeroth_order_trainer(client_.model, steps_of_one_example(1),
                                                           perturbations_, seed));
        }
        RoundOutcome outcome = (*round_)();
        outcome.times.training *= perturbations.factor();
        if (perturbations.done < perturbations.all) {
            outcome.extrapolated = "training from " + perturbations.text() + " perturbations";
        }
        return outcome;
    }

private:
    Client& client_;
    std::int64_t perturbations_ = 0;
    std::optional<FullUpdateRound> round_;
};

}  // namespace

std::unique_ptr<FederatedRound> make_fed_k_seed(Client& client) {
    return std::make_unique<FedKSeedRound>(client);
}

std::unique_ptr<FederatedRound> make_fed_zo(Client& client) {
    return std::make_unique<FedZoRound>(client);
}

}  // namespace fed_round
