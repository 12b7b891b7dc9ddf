#pragma once

#include <cstdint>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/message/sparse_message.hpp"

namespace federated {

/// The `count` entries of largest magnitude, other than zero; among equal ones those that come
/// first.
/// Cost: O(size) time on average, 4 bytes an entry.
SparseNumbers largest_entries(std::span<const float> entries, std::size_t count);

/// Top-k: clients send the K entries of their update that matter most, and keep the rest for the
/// next time they take part (error feedback).
///
/// Math:   a = e_i + w_before - w_after; s = the K largest entries of |a|; e_i = a - s;
///         w <- w - server_rate * mean_i s_i. Down travels the mean: the model follows its bytes.
/// Cost:   a message is 8 K + 32 bytes (6 K + 32 for up to 2^16 parameters). A client
///         keeps d floats; a simulation, and its checkpoint, those of all clients that took part
/// Source: Aji and Heafield, EMNLP 2017; Stich et al., NeurIPS 2018, arXiv 1809.07599
class TopKClient : public ClientAlgorithm {
public:
    /// `model` outlives this object.
    /// Throws: ferret::InvalidBudget unless K is in 1..d; std::invalid_argument for d over 2^32
    TopKClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed, std::uint64_t budget);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;

private:
    torch::Tensor residual_of(std::span<const std::byte> kept) const;
    void subtract(const SparseNumbers& numbers, double scale);

    TrainableModel& model_;
    TrainingClient client_;
    std::uint64_t parameters_;
    std::size_t budget_;
};

class TopKServer : public ServerAlgorithm {
public:
    /// Throws: as TopKClient
    TopKServer(std::uint64_t parameters, std::uint64_t budget);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;

private:
    std::uint64_t parameters_;
    std::size_t budget_;
    std::vector<SparseNumbers> received_;
};

extern const AlgorithmEntry top_k_entry;

}  // namespace federated
