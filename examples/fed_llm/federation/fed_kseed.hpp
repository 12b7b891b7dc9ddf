#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "federation/algorithm.hpp"
#include "federation/seed_importance.hpp"
#include "federation/sparse_message.hpp"
#include "federation/weights.hpp"
#include "federation/zeroth_order.hpp"

namespace fed_llm {

/// How FedKSeed's clients draw directions from the pool.
enum class SeedSampling {
    uniform,    ///< FedKSeed
    important,  ///< FedKSeed-Pro: those with large slopes more often
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
///         matter); down the new a_k of those k that changed, and for Pro all K probabilities. Who
///         missed rounds, or joins late, needs w_0 and all a_k: catch_up().
/// Cost:   up at most 6 bytes a step (8 for K over 2^16), down at most 4 K (Pro: 8 K). The server
///         step takes O(K d) time and, beside the model, w_0; a client's step two forward passes
///         and three passes over the parameters, in place. (The simulation keeps one copy more, to
///         go back.)
/// Repro:  the model is a function of w_0 and the a_k, bit for bit
/// Source: Qin et al., ICML 2024, arXiv 2312.06353
class FedKSeed : public Algorithm {
public:
    /// `model`, which outlives this object, holds w_0.
    /// Throws: ferret::InvalidBudget unless K is in 1..d
    FedKSeed(TrainableModel& model, const ZerothOrder& training, std::uint32_t pool_size,
             SeedSampling sampling, std::uint64_t seed);

    ClientUpdate client_update(const Participant& participant, const Round& round,
                               const StepObserver& on_step) override;
    void receive(std::span<const std::byte> message) override;
    std::size_t aggregate(const Round& round) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

    /// All a_k: what a client that has only w_0 needs.
    std::vector<std::byte> catch_up() const { return encode_numbers(accumulated_); }

    /// Turns w_0 into the model that catch_up() stands for.
    /// Throws: std::runtime_error for a message of another pool
    void catch_up(std::span<const std::byte> message, Weights& first) const;

private:
    /// One step's slope.
    struct Slope {
        std::uint32_t k;
        float value;
    };
    std::size_t draw(std::mt19937_64& generator) const;
    std::vector<Slope> walk(const Participant& participant, const Round& round,
                            const StepObserver& on_step, ClientUpdate& update);
    SparseNumbers to_send(std::vector<Slope> slopes) const;
    void rebuild(const std::vector<float>& accumulated, Weights& first) const;

    TrainableModel& model_;
    ZerothOrder training_;
    std::uint32_t pool_size_;
    std::uint64_t seed_;
    RandomDirections directions_;
    Weights first_;   // w_0
    Weights before_;  // the round's weights, while a client walks
    std::vector<float> accumulated_;
    std::vector<SparseNumbers> received_;
    std::optional<SeedImportance> importance_;  // of Pro
    std::vector<float> probabilities_;          // of Pro
};

}  // namespace fed_llm
