#include "first_order.hpp"

#include <stdexcept>

#include "device.hpp"
#include "federated/algorithm/local_training.hpp"
#include "federated/projection/projection.hpp"
#include "federated/round/sampling.hpp"
#include "full_update.hpp"

namespace fed_round {
namespace {

constexpr std::uint64_t seed = 42;

/// Copies the weights and trains. Returns the seconds of both.
double train(fed_llm::Client& client, federated::Weights& before, std::int64_t steps) {
    const federated::LocalTraining training{.steps = steps, .learning_rate = client.learning_rate};
    federated::DataOrder order(client.examples.size(),
                               federated::named_generator(seed, "fed_round's data order"));
    federated::LocalResult result;
    const double seconds = seconds_of(client.device, [&] {
        federated::assign_weights(before, client.model.parameters);
        result = federated::train_locally(client.model, client.examples, training, order, {});
    });
    if (!result.finite) {
        throw std::runtime_error(
            "training: a loss or weight became infinite or not a number; a smaller --lr may help");
    }
    return seconds;
}

class FedAvgRound : public FederatedRound {
public:
    explicit FedAvgRound(fed_llm::Client& client)
        : client_(client), before_(federated::clone_weights(client.model.parameters)) {}

    RoundOutcome operator()(const Work& work) override {
        RoundOutcome outcome;
        outcome.times.training = train(client_, before_, work.first_order_steps);
        average_full_updates(client_, before_, outcome);
        return outcome;
    }

private:
    fed_llm::Client& client_;
    federated::Weights before_;
};

class FerretRound : public FederatedRound {
public:
    FerretRound(fed_llm::Client& client, std::string_view basis, std::string_view budget_rule,
                std::uint64_t budget)
        : client_(client),
          layout_(ferret::Layout::grouped(client.tensor_sizes()).with_names(client.model.names)),
          rule_(ferret::parse_budget_rule(budget_rule, budget)),
          project_(layout_, ferret::parse_basis(basis), rule_),
          reconstruct_(layout_, ferret::parse_basis(basis)),
          before_(federated::clone_weights(client.model.parameters)) {}

    RoundOutcome operator()(const Work& work) override {
        federated::Weights& weights = client_.model.parameters;
        const ferret::Seed round_seed{seed, ++round_};
        RoundOutcome outcome;
        outcome.times.training = train(client_, before_, work.first_order_steps);
        ferret::Sketch sketch;
        outcome.times.projection = seconds_of(
            client_.device, [&] { sketch = project_(before_, weights, round_seed.derive(0)); });
        std::vector<ferret::Sketch> received;
        for (std::int64_t i = 0; i < client_.clients; ++i) {
            received.push_back(sketch);
            received.back().seed = round_seed.derive(static_cast<std::uint64_t>(i));
        }
        const auto bases = static_cast<double>(total_of(rule_));
        const auto rate = static_cast<float>(bases / static_cast<double>(layout_.element_count()));
        outcome.times.aggregation = seconds_of(client_.device, [&] {
            reconstruct_(received, before_, -rate / static_cast<float>(client_.clients));
            federated::assign_weights(weights, before_);
        });
        outcome.parameters_up = sketch.coordinates.size();
        outcome.parameters_down = received.size() * sketch.coordinates.size();
        for (std::size_t block = 0; block < layout_.block_count(); ++block) {
            outcome.basis_elements += layout_.block_size(block) * sketch.bases_per_block[block];
        }
        return outcome;
    }

private:
    fed_llm::Client& client_;
    ferret::Layout layout_;
    ferret::BudgetRule rule_;
    federated::Projector project_;
    federated::Reconstructor reconstruct_;
    federated::Weights before_;
    std::uint64_t round_ = 0;
};

}  // namespace

std::unique_ptr<FederatedRound> make_fed_avg(fed_llm::Client& client) {
    return std::make_unique<FedAvgRound>(client);
}

std::unique_ptr<FederatedRound> make_ferret(fed_llm::Client& client, std::string_view basis,
                                            std::string_view budget_rule, std::uint64_t budget) {
    return std::make_unique<FerretRound>(client, basis, budget_rule, budget);
}

}  // namespace fed_round
