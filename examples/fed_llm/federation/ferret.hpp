#pragma once

#include <ferret/ferret.hpp>
#include <ferret/protocol/plan.hpp>

#include "federation/algorithm.hpp"
#include "federation/projection.hpp"
#include "federation/training_client.hpp"

namespace fed_llm {

using ferret::SeedRefresh;
using ferret::SeedSharing;

/// "shared" or "per-client". Throws: std::invalid_argument for another name.
SeedSharing parse_seed_sharing(std::string_view name);

/// "round" or "fixed". Throws: std::invalid_argument for another name.
SeedRefresh parse_seed_refresh(std::string_view name);

/// How updates are projected.
struct FerretSettings {
    ferret::Layout layout;
    ferret::Basis basis;
    ferret::BudgetRule budget;
    ferret::CoordinateFormat format = ferret::CoordinateFormat::float32;
    SeedSharing sharing = SeedSharing::shared;
    SeedRefresh refresh = SeedRefresh::each_round;
};

/// Ferret: clients tune all parameters with first-order steps and send the update's coordinates on
/// random bases, which everyone regenerates from a seed.
///
/// Math: gamma^(i) as in ferret::Projector; w <- w - server_rate * mean_i V^(i) gamma^(i).
/// Down travels the mean sketch where the clients' sketches add (same seed and fitting numbers of
/// bases), otherwise all of them. The model follows exactly the bytes that travel down, and is the
/// same bit for bit on every participant.
/// Cost: a message is K coordinates. Memory: the client's copy of the weights, and O(clients K).
/// Source: Shu et al., ICML 2025, arXiv 2409.06277, algorithm 1.
class Ferret : public Algorithm {
public:
    /// `model` outlives this object.
    Ferret(TrainableModel& model, const LocalTraining& training, std::uint64_t seed,
           FerretSettings settings);

    ClientUpdate client_update(const Participant& participant, const Round& round,
                               const StepObserver& on_step) override;
    void receive(std::span<const std::byte> message) override;
    std::size_t aggregate(const Round& round) override;

private:
    ferret::Seed shared_seed(const Round& round) const;
    ferret::Seed seed_of(const Participant& participant, const Round& round) const;

    TrainableModel& model_;
    TrainingClient client_;
    std::uint64_t seed_;
    FerretSettings settings_;
    Projector project_;
    Reconstructor reconstruct_;
    std::vector<ferret::Sketch> received_;
    std::size_t received_bytes_ = 0;
};

}  // namespace fed_llm
