#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/seed_importance.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/algorithm/zeroth_order.hpp"
#include "federated/message/sparse_message.hpp"

namespace federated {

/// How FedKSeed's clients draw directions from the pool.
enum class SeedSampling {
    uniform,    ///< FedKSeed
    important,  ///< FedKSeed-Pro: those with large slopes more often
};

/// What all roles of FedKSeed agree on.
struct SeedPool {
    std::uint32_t size;  ///< K
    SeedSampling sampling;
    std::uint64_t seed;
};

/// One local step's slope along a direction.
struct Slope {
    std::uint32_t k;
    float value;
};

/// A model on its way along the pool's directions.
class PoolWalk {
public:
    /// `model` outlives this object.
    PoolWalk(TrainableModel& model, const ZerothOrder& training, const SeedPool& pool);

    /// A client's local steps, which leave the model where they led to. Directions are drawn with these
    /// probabilities, all alike if there are none. The mean loss is that of the steps that were taken.
    /// Cost:   two forward passes and three passes over the parameters a step
    /// Throws: what `on_step` throws
    std::vector<Slope> operator()(const Participant& participant, const Round& round,
                                  std::span<const float> probabilities, const StepObserver& on_step,
                                  double& mean_loss);

    /// model -= lr sum_k a_k z_k, in one pass. Shapes: accumulated: of the first directions of the pool
    /// Cost: O(K d)
    void add_all(const std::vector<float>& accumulated);

    std::uint64_t parameters() const {
        return directions_.reconstructor().layout().element_count();
    }

private:
    TrainableModel& model_;
    ZerothOrder training_;
    SeedPool pool_;
    RandomDirections directions_;
};

/// FedKSeed: clients walk along directions of a shared pool by slopes that two forward passes give,
/// and send only the slopes; the model is always the first one minus the pool's accumulated walk.
///
/// Math:   z_k ~ N(0, I) for k < K, the same in all rounds: basis k of ferret's Gaussian block. A
///         local step draws k, takes g = (F(w + eps z_k) - F(w - eps z_k)) / (2 eps) and goes to
///         w - lr g z_k; a step whose loss or slope is not finite is skipped. The server adds
///         a_k += server_rate * mean_i (sum of client i's g for k), and w = w_0 - lr sum_k a_k z_k.
///         At server rate 1 this is the published algorithm.
///         Up travel the sums of g by k (Pro: every step's g, from which the server learns which k
///         matter); down the new a_k of those k that changed, and for Pro all K probabilities before
///         them. Who missed rounds, or joins late, needs w_0 and all a_k: FedKSeedServer::catch_up.
/// Cost:   up at most 6 bytes a step (8 for K over 2^16), down at most 4 K (Pro: 8 K). To follow takes
///         O(K d) time and, beside the model, w_0; a client's step two forward passes and three passes
///         over the parameters, in place. (The simulation keeps one copy more, to go back.)
/// Repro:  the model is a function of w_0 and the a_k, bit for bit
/// Source: Qin et al., ICML 2024, arXiv 2312.06353
class FedKSeedClient : public ClientAlgorithm {
public:
    /// `model`, which outlives this object, holds w_0.
    /// Throws: ferret::InvalidBudget unless K is in 1..d
    FedKSeedClient(TrainableModel& model, const ZerothOrder& training, const SeedPool& pool);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

    /// Brings a model to the server's round, however many were missed. Pro's probabilities come with
    /// the next broadcast.
    /// Throws: std::runtime_error for a message of another pool
    void catch_up(std::span<const std::byte> message);

private:
    SparseNumbers to_send(std::vector<Slope> slopes) const;
    bool pro() const { return pool_.sampling == SeedSampling::important; }

    void rebuild();

    TrainableModel& model_;
    SeedPool pool_;
    PoolWalk walk_;
    Weights first_;   // w_0
    Weights before_;  // the round's weights, while a client walks
    std::vector<float> accumulated_;
    std::vector<float> probabilities_;  // of Pro
};

class FedKSeedServer : public ServerAlgorithm {
public:
    /// `steps`: of a client in a round
    FedKSeedServer(const SeedPool& pool, std::int64_t steps);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

    /// All a_k: what a client that has only w_0 needs.
    std::vector<std::byte> catch_up() const { return encode_numbers(accumulated_); }

private:
    SeedPool pool_;
    std::size_t steps_;
    std::vector<float> accumulated_;
    std::vector<SparseNumbers> received_;
    std::optional<SeedImportance> importance_;  // of Pro
};

extern const AlgorithmEntry fed_kseed_entry;
extern const AlgorithmEntry fed_kseed_pro_entry;

}  // namespace federated
