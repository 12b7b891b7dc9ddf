#pragma once

#include <cstdint>
#include <vector>

#include "federated/algorithm/error_feedback.hpp"
#include "federated/algorithm/registry.hpp"
#include "federated/message/sparse_update.hpp"

namespace federated {

/// The `count` entries of largest magnitude, other than zero; among equal ones those that come
/// first.
/// Cost: O(size) time on average, 4 bytes an entry.
SparseNumbers largest_entries(std::span<const float> entries, std::size_t count);

/// What the roles of a run agree on.
struct TopKSettings {
    std::uint64_t budget = 0;       ///< entries in a client's message (K), from 1 to d
    std::uint64_t budget_down = 0;  ///< in the broadcast; 0: K; more than d: d
    EntryFormat values = EntryFormat::float32;
    EntryFormat values_down = EntryFormat::float32;
};

/// Top-k: clients send the K entries of their update that matter most, and the server those of the mean;
/// both keep the rest for the next time (error feedback), and what the values' format left out.
///
/// Math:   client: a = e_i + w_before - w_after; s_i = the K largest entries of |a|, as the bytes have them;
///         e_i = a - s_i. Server: b = E + mean_i s_i; t = the K' largest entries of |b|, likewise;
///         E = b - t; w <- w - server_rate * t. With K' of all the clients' entries and float32 values
///         E is zero, and the broadcast is the mean.
/// Cost:   messages as encode_sparse_update has them. A client keeps d floats, and so does the server; a
///         simulation, and its checkpoint, those of all clients that took part
/// Source: Aji and Heafield, EMNLP 2017; Stich et al., NeurIPS 2018, arXiv 1809.07599; both ways, with
///         signs as values (sparse ternary compression): Sattler et al., IEEE TNNLS 2020, arXiv 1903.02891
class TopKClient : public ClientAlgorithm {
public:
    /// `model` outlives this object.
    /// Throws: ferret::InvalidBudget unless K is in 1..d; std::invalid_argument for d of 2^32 or more
    TopKClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed,
               const TopKSettings& settings);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;

private:
    void subtract(const SparseNumbers& numbers, double scale);

    TrainableModel& model_;
    TrainingClient client_;
    std::uint64_t parameters_;
    TopKSettings settings_;
};

class TopKServer : public ServerAlgorithm {
public:
    /// Throws: as TopKClient
    TopKServer(std::uint64_t parameters, const TopKSettings& settings);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;
    std::vector<std::byte> state() const override { return residual_.state(); }
    void restore(std::span<const std::byte> state) override { residual_.restore(state); }

private:
    std::uint64_t parameters_;
    TopKSettings settings_;
    Residual residual_;
    std::vector<SparseNumbers> received_;
};

extern const AlgorithmEntry top_k_entry;

}  // namespace federated
