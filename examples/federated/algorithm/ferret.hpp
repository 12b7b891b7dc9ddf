#pragma once

#include <ferret/protocol/plan.hpp>
#include <optional>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/projection/projection.hpp"
#include "federated/projection/sharded_projection.hpp"

namespace federated {

/// How the options project updates of these tensors, whose values are not read.
/// Throws: std::invalid_argument for an unknown name; ferret::InvalidBudget
ferret::Plan ferret_plan(const AlgorithmOptions& options, const TrainableModel& model);

/// The bases of each block: those of a client's message where the rule does not look at the update;
/// for rules that do, what an update gets whose entries are all of like size.
std::vector<std::uint32_t> expected_bases(const ferret::BudgetRule& rule,
                                          const ferret::Layout& layout);

/// Ferret: clients tune all parameters with first-order steps and send the update's coordinates on
/// random bases, which everyone regenerates from a seed.
///
/// Math: gamma^(i) as in ferret::Projector; w <- w - server_rate * mean_i V^(i) gamma^(i).
/// Down travels the mean sketch where the clients' sketches add (same seed and fitting numbers of
/// bases), otherwise all of them. The model follows exactly the bytes that travel down, and is the
/// same bit for bit on every participant.
/// Cost: a message is K coordinates. Memory: the client's copy of the weights, and O(clients K).
/// Source: Shu et al., ICML 2025, arXiv 2409.06277, algorithm 1.
class FerretClient : public ClientAlgorithm {
public:
    /// `model` outlives this object, as do `shards`, over whom each update is spread; null: nobody.
    FerretClient(TrainableModel& model, LocalTrainer train, ferret::Plan plan,
                 Transport* shards = nullptr);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;

private:
    LocalTrainer checked(LocalTrainer train) const;

    TrainableModel& model_;
    ferret::Plan plan_;
    Projector project_;
    Reconstructor reconstruct_;
    std::optional<ShardedProjection> sharded_;
    TrainingClient client_;
};

class FerretServer : public ServerAlgorithm {
public:
    explicit FerretServer(ferret::Plan plan);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;

private:
    ferret::Plan plan_;
    std::vector<std::uint32_t> planned_bases_;
    std::vector<ferret::Sketch> received_;
    std::vector<std::vector<std::byte>> messages_;
};

extern const AlgorithmEntry ferret_entry;

}  // namespace federated
