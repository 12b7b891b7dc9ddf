#pragma once

#include <ferret/protocol/unlikeness.hpp>
#include <optional>
#include <vector>

#include "federated/algorithm/ferret_plan.hpp"
#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/projection/projection.hpp"
#include "federated/projection/sharded_projection.hpp"

namespace federated {

/// Ferret: clients tune all parameters with first-order steps and send the update's coordinates on
/// random bases, which everyone regenerates from a seed.
///
/// Math: gamma^(i) as in ferret::Projector; w <- w - server_rate * damping * mean_i V^(i) gamma^(i).
/// Down travels the mean sketch where the clients' sketches add (same seed and fitting numbers of
/// bases), otherwise their rebuilt mean, sketched again, or all of them. The model follows exactly the
/// bytes that travel down, and is the same bit for bit on every participant.
/// Cost: a message is K coordinates. Memory: the client's copy of the weights, and O(clients K).
/// Source: Shu et al., ICML 2025, arXiv 2409.06277, algorithm 1.
class FerretClient : public ClientAlgorithm {
public:
    /// `model` outlives this object, as do `shards`, over whom each update is spread; null: nobody.
    FerretClient(TrainableModel& model, LocalTrainer train, FerretPlan plan,
                 Transport* shards = nullptr);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;
    /// Whether the next round's bases are shared.
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

private:
    LocalTrainer checked(LocalTrainer train) const;

    TrainableModel& model_;
    FerretPlan plan_;
    Projector project_;
    Reconstructor reconstruct_;
    std::optional<ShardedProjection> sharded_;
    TrainingClient client_;
};

/// Its server. From the sketches' norms it estimates how unlike the clients are, and from that the noise of
/// what it sends: which bases the next round has, and how far the model follows.
class FerretServer : public ServerAlgorithm {
public:
    explicit FerretServer(FerretPlan plan);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;
    std::vector<Metric> findings() const override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

private:
    ferret::Sketch sketch_again(const Round& round, ferret::UpdateEnergies& energies) const;
    ferret::SeedSharing next_bases(const ferret::SketchSetting& setting) const;

    FerretPlan plan_;
    std::vector<std::uint32_t> planned_bases_;
    std::vector<ferret::Sketch> received_;
    std::vector<std::vector<std::byte>> messages_;  ///< where they may travel down as they came
    std::vector<Metric> findings_;
    double unlikeness_ = 0.0;  ///< of the rounds so far; 0: none
};

extern const AlgorithmEntry ferret_entry;

}  // namespace federated
