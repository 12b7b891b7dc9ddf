#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "federated/message/sparse_message.hpp"

namespace federated {

/// How much the slopes along each of a pool's directions have been, from which FedKSeed-Pro draws
/// directions more or less often.
///
/// Math:   m_k = mean over the history of |clip(g, -1000, 1000)|, a history beginning with one 0;
///         p = softmax((m - min m) / (max m - min m + 1e-10))
/// Source: Qin et al., ICML 2024, arXiv 2312.06353; limits and the first 0 as in its public code
class SeedImportance {
public:
    explicit SeedImportance(std::size_t pool_size);

    /// Takes one step's slope into the history of direction k.
    void add(std::size_t k, float slope);

    /// The probability of each direction; all alike before any slope came.
    std::vector<float> probabilities() const;

    /// For a checkpoint.
    std::vector<std::byte> state() const;
    /// Throws: std::runtime_error for a state of another pool or none of this class.
    void restore(std::span<const std::byte> state);

private:
    std::vector<float> sums_;    // of clipped magnitudes
    std::vector<float> counts_;  // whole numbers; as floats they travel like the sums
};

/// A direction, drawn with the probabilities, which need not add up to one exactly.
/// Repro: a function of the arguments.
std::size_t draw_direction(std::mt19937_64& generator, std::span<const float> probabilities);

}  // namespace federated
