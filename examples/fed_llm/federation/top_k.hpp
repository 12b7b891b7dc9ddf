#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "federation/algorithm.hpp"
#include "federation/sparse_message.hpp"
#include "federation/training_client.hpp"

namespace fed_llm {

/// The `count` entries of largest magnitude, other than zero; among equal ones those that come
/// first.
/// Cost: O(size) time on average, 4 bytes an entry.
SparseNumbers largest_entries(std::span<const float> entries, std::size_t count);

/// Top-k: clients send the K entries of their update that matter most, and keep the rest for the
/// next time they take part (error feedback).
///
/// Math:   a = e_i + w_before - w_after; s = the K largest entries of |a|; e_i = a - s;
///         w <- w - server_rate * mean_i s_i. Down travels the mean: the model follows its bytes.
/// Cost:   a message is 8 K + 32 bytes (6 K + 32 for up to 2^16 parameters). Memory: in this
///         simulation, as in the checkpoint, d floats for each client that has taken part
/// Source: Aji and Heafield, EMNLP 2017; Stich et al., NeurIPS 2018, arXiv 1809.07599
class TopK : public Algorithm {
public:
    /// `model` outlives this object.
    /// Throws: ferret::InvalidBudget unless K is in 1..d; std::invalid_argument for d over 2^32
    TopK(TrainableModel& model, const LocalTraining& training, std::uint64_t seed,
         std::uint64_t budget);

    ClientUpdate client_update(const Participant& participant, const Round& round,
                               const StepObserver& on_step) override;
    void receive(std::span<const std::byte> message) override;
    std::size_t aggregate(const Round& round) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

private:
    std::vector<std::byte> make_message(std::uint64_t client, const Weights& before);
    void subtract(const SparseNumbers& numbers, double scale);

    TrainableModel& model_;
    TrainingClient client_;
    std::size_t budget_;
    std::uint64_t parameters_;
    std::map<std::uint64_t, torch::Tensor> residuals_;  // e_i, flat, by client
    std::vector<SparseNumbers> received_;
};

}  // namespace fed_llm
