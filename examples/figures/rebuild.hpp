#pragma once

#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

namespace figures {

/// The basis families that the figures compare.
inline const ferret::Basis compared_bases[]{ferret::TruncatedNormal<16>{}, ferret::SparseSign{}};

/// An update that went through a sketch, and the time that took.
struct Rebuilt {
    std::vector<double> update;
    double projection_seconds = 0.0;
    double reconstruction_seconds = 0.0;
};

/// Projects the update, as floats, on `bases` bases in `blocks` blocks of like size, and rebuilds it, on
/// one thread.
Rebuilt rebuild(const std::vector<double>& update, const ferret::Basis& basis, std::uint64_t bases,
                std::size_t blocks, const ferret::Seed& seed);

/// The cosine between an update and its rebuilt that theory gives for dense bases, whatever the
/// number of blocks if each has d_l / K_l = d / K.
/// Math:   sqrt(K / (K + d)), as E||V gamma||^2 = (1 + (d - 2 + kurtosis) / K) ||Delta||^2
inline double expected_cosine(double bases, double dimension) {
    return std::sqrt(bases / (bases + dimension));
}

}  // namespace figures
