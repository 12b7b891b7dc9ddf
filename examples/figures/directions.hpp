#pragma once

#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <span>
#include <vector>

namespace figures {

/// Directions z_1, z_2, ... of N(0, I) that a seed stands for, as zeroth-order methods use them:
/// ferret's Gaussian bases.
class Directions {
public:
    Directions(std::size_t dimension, const ferret::Seed& seed);

    /// z_k itself. Cost: O(d)
    std::vector<double> direction(std::uint32_t k) const;

    /// Adds scale * sum_k coordinates[k] z_k to the point. Cost: O(K d)
    void add(std::span<const float> coordinates, std::vector<double>& point, float scale) const;

private:
    ferret::Seed seed_;
    ferret::Reconstructor<> reconstruct_;
};

/// A point of N(0, I): where a figure's descent starts.
std::vector<double> normal_point(std::size_t dimension, std::uint64_t seed);

}  // namespace figures
