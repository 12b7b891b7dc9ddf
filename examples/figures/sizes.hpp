#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace figures {

/// How large the figures are drawn.
struct Sizes {
    std::uint64_t first_seed = 1;
    std::size_t seeds = 4;

    std::size_t figure7_dimension = 100'000;
    std::vector<std::uint32_t> figure7_bases{100, 200, 300, 400, 500};
    std::vector<double> figure7_perturbations{0.001, 0.01, 0.1, 1.0};

    std::uint32_t figure8_bases = 500;
    double figure8_rate = 0.1;           ///< of a gradient step
    double figure8_perturbation = 5e-4;  ///< of zeroth-order methods, as in FedKSeed
    std::size_t figure8a_dimension = 50'000;
    std::vector<int> figure8a_steps{1, 2, 5, 10, 20};
    std::vector<std::size_t> figure8b_dimensions{5'000, 10'000, 20'000, 50'000, 100'000, 200'000};
    int figure8b_steps = 5;
    std::size_t figure8c_dimension = 512'000;
    std::uint32_t figure8c_bases = 512;
    std::vector<std::size_t> figure8c_blocks{1, 2, 4, 8, 16, 32, 64, 128, 256};

    /// The paper's sizes, where it gives them.
    static Sizes full() { return {}; }

    /// Smaller dimensions, for tests; d/K of (a) stays.
    static Sizes quick() {
        Sizes sizes;
        sizes.figure7_dimension = 10'000;
        sizes.figure8_bases = 200;
        sizes.figure8a_dimension = 20'000;
        sizes.figure8a_steps = {1, 2, 5};
        sizes.figure8b_dimensions = {2'000, 5'000, 10'000};
        sizes.figure8b_steps = 2;
        sizes.figure8c_dimension = 51'200;
        return sizes;
    }
};

}  // namespace figures
