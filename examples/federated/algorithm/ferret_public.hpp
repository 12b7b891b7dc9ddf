#pragma once

#include <cstdint>
#include <vector>

#include "federated/algorithm/registry.hpp"
#include "federated/algorithm/training_client.hpp"
#include "federated/message/sparse_message.hpp"
#include "federated/projection/projection.hpp"

namespace federated {

struct FerretPublicSettings {
    ferret::Layout layout;
    ferret::Basis basis;  ///< a dense one
    std::uint32_t pool_size =
        200;                  ///< K: seeds of the pool, and bases of the block that moved most
    double momentum = 0.0;    ///< how much of the pool's coordinates stays for the next round
    double clip_norm = 10.0;  ///< of one seed's update of one block
};

/// Ferret as its public code has it, over ferret's bases, to compare with Ferret as the paper has it.
///
/// Math:   a pool of K seeds is the same for all clients and rounds; v_lk is block l's basis of seed
///         k, and a block takes K_l = min(K, d_l) of them. A client draws for each block
///         n_l = max(floor(||Delta_l|| / max_l ||Delta_l|| K), 2) of the seeds (never more than
///         K_l) and sends c_lk = d_l / n_l <v_lk, Delta_l> for these. The server keeps a pool
///         p_lk = momentum p_lk + mean_i c_lk (zero where a client did not draw k), and
///         w <- w - server_rate sum_lk q_lk v_lk, where q is p but no longer than clip_norm /
///         ||v_lk||. A p_lk that overflows begins again at 0. An exact projection has 1 / (rho_l n_l) in the
///         place of d_l / n_l: with truncated normals, about three times as much.
/// Cost:   up 6 or 8 bytes a coordinate (seeds and blocks are named by an index), down the mean's
///         entries likewise, or 4 bytes for every block and seed. Projection O(K d), as are a server
///         step and once, before the first of these, measuring all ||v_lk||
/// Source: the code that the paper (arXiv 2409.06277) publishes
class FerretPublicClient : public ClientAlgorithm {
public:
    /// `model` outlives this object.
    /// Throws: std::invalid_argument for SparseSign, whose bases depend on how many there are, or a
    ///         pool too large to index; ferret::InvalidBudget for a pool under 2 seeds
    FerretPublicClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed,
                       FerretPublicSettings settings);

    ClientUpdate train(const Participant& participant, const Round& round,
                       std::span<const std::byte> kept, const StepObserver& on_step) override;
    void follow(const Round& round, std::span<const std::byte> broadcast) override;
    std::vector<std::byte> state() const override;
    void restore(std::span<const std::byte> state) override;

private:
    SparseNumbers project(const Weights& delta, std::mt19937_64 generator) const;
    std::vector<float> measure_norms() const;
    std::vector<float> clipped() const;

    TrainableModel& model_;
    TrainingClient client_;
    std::uint64_t seed_;
    FerretPublicSettings settings_;
    std::vector<std::uint32_t> seeds_per_block_;  // K_l
    std::uint64_t coordinate_count_ = 0;          // sum of K_l
    Projector project_;
    Reconstructor reconstruct_;
    std::vector<float> norms_;  // ||v_lk||, block after block; empty until needed
    std::vector<float> pool_;   // p_lk, likewise
};

class FerretPublicServer : public ServerAlgorithm {
public:
    /// Throws: as FerretPublicClient
    explicit FerretPublicServer(const FerretPublicSettings& settings);

    void receive(const Participant& participant, const Round& round,
                 std::span<const std::byte> message) override;
    std::vector<std::byte> close(const Round& round) override;

private:
    std::uint64_t coordinate_count_;
    std::vector<SparseNumbers> received_;
};

extern const AlgorithmEntry ferret_public_entry;

}  // namespace federated
