#include "first_order.hpp"

#include <optional>
#include <stdexcept>

#include "device.hpp"
#include "federated/algorithm/ferret.hpp"
#include "federated/algorithm/local_training.hpp"
#include "full_update.hpp"

namespace fed_round {
namespace {

federated::LocalTrainer trainer(const Client& client, std::int64_t steps) {
    return federated::first_order_trainer({.steps = steps, .learning_rate = client.learning_rate});
}

class FedAvgRound : public FederatedRound {
public:
    explicit FedAvgRound(Client& client) : client_(client) {}

    RoundOutcome operator()(const Work& work) override {
        if (!round_ || steps_ != work.first_order_steps) {
            round_.reset();  // before another copy of the weights is made
            steps_ = work.first_order_steps;
            round_.emplace(client_, trainer(client_, steps_));
        }
        return (*round_)();
    }

private:
    Client& client_;
    std::int64_t steps_ = 0;
    std::optional<FullUpdateRound> round_;
};

/// As the paper has it: bases of their own, coordinates as floats, all sketches down.
federated::FerretPlan paper_plan(const Client& client, std::string_view basis,
                                 std::string_view budget_rule, std::uint64_t budget) {
    const ferret::BudgetRule rule = ferret::parse_budget_rule(budget_rule, budget);
    return {.sketch = {.layout =
                           ferret::Layout::grouped(federated::tensor_sizes(client.model.parameters))
                               .with_names(client.model.names),
                       .basis = ferret::parse_basis(basis),
                       .budget = rule,
                       .seed = seed,
                       .sharing = ferret::SeedSharing::per_client,
                       .up = ferret::CoordinateFormat::float32,
                       .down = ferret::CoordinateFormat::float32},
            .bases = federated::BasesChoice::per_client,
            .broadcast = federated::BroadcastKind::sketches,
            .budget_down = rule};
}

class FerretRound : public FederatedRound {
public:
    FerretRound(Client& client, std::string_view basis, std::string_view budget_rule,
                std::uint64_t budget)
        : client_(client), plan_(paper_plan(client, basis, budget_rule, budget)), server_(plan_) {}

    RoundOutcome operator()(const Work& work) override {
        if (!role_ || steps_ != work.first_order_steps) {
            role_.reset();  // before another copy of the weights is made
            steps_ = work.first_order_steps;
            role_.emplace(client_.model, trainer(client_, steps_), plan_);
        }
        const auto bases = static_cast<double>(total_of(plan_.sketch.budget));
        const federated::Round round{
            ++round_, bases / static_cast<double>(plan_.sketch.layout.element_count())};
        const federated::ClientUpdate update = role_->train(client_.participant(), round, {}, {});
        if (!update.failure.empty()) throw std::runtime_error("training: " + update.failure);
        RoundOutcome outcome;
        outcome.times.training = update.training_seconds;
        outcome.times.projection = update.projection_seconds;
        const ferret::Sketch sketch = ferret::decode(update.message);
        outcome.times.aggregation = seconds_of(client_.device, [&] {
            for (std::int64_t i = 0; i < client_.clients; ++i) receive(sketch, i, round);
            role_->follow(round, server_.close(round));
        });
        outcome.parameters_up = sketch.coordinates.size();
        outcome.parameters_down =
            static_cast<std::uint64_t>(client_.clients) * sketch.coordinates.size();
        for (std::size_t block = 0; block < plan_.sketch.layout.block_count(); ++block) {
            outcome.basis_elements +=
                plan_.sketch.layout.block_size(block) * sketch.bases_per_block[block];
        }
        return outcome;
    }

private:
    /// The same coordinates from every client, each on bases of its own.
    void receive(ferret::Sketch sketch, std::int64_t client, const federated::Round& round) {
        const auto id = static_cast<std::uint64_t>(client);
        sketch.seed = plan_.sketch.seed_of(number_of(round), id);
        server_.receive({id, 1}, round, ferret::encode(sketch, plan_.sketch.up));
    }

    Client& client_;
    federated::FerretPlan plan_;
    federated::FerretServer server_;
    std::int64_t steps_ = 0;
    std::optional<federated::FerretClient> role_;
    std::int64_t round_ = 0;
};

}  // namespace

std::unique_ptr<FederatedRound> make_fed_avg(Client& client) {
    return std::make_unique<FedAvgRound>(client);
}

std::unique_ptr<FederatedRound> make_ferret(Client& client, std::string_view basis,
                                            std::string_view budget_rule, std::uint64_t budget) {
    return std::make_unique<FerretRound>(client, basis, budget_rule, budget);
}

}  // namespace fed_round
