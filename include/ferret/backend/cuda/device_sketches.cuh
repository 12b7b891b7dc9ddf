#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "memory.cuh"
#include "round_keys.cuh"

namespace ferret::cuda {

/// A block of one sketch as kernels see it.
struct SketchBlock {
    std::uint32_t bases;
    std::uint64_t first_coefficient;
};

/// Sketches as kernels see them.
struct SketchesView {
    std::uint32_t count;
    std::uint32_t block_count;
    const RoundKeys* keys;
    const SketchBlock* blocks;  ///< sketch after sketch
    const float* coefficients;
    std::uint32_t first_basis;  ///< that the first coefficient of each block belongs to
    /// Those of the first sketch, which is often the only one, again: kernels have their own
    /// arguments in constant memory and not in registers.
    RoundKeys first_keys;
};

/// Sketches and the factors of their raw values in device memory.
class DeviceSketches {
public:
    /// sketches: at least one
    /// Throws: NonFinite if a factor overflows; DeviceError
    DeviceSketches(const Cuda& cuda, std::span<const Sketch> sketches, std::uint32_t first_basis,
                   float scale, std::span<const double> amplitudes)
        : count_(static_cast<std::uint32_t>(sketches.size())),
          block_count_(static_cast<std::uint32_t>(amplitudes.size())),
          first_basis_(first_basis),
          host_(sketches, scale, amplitudes),
          keys_(cuda, host_.keys),
          blocks_(cuda, host_.blocks),
          coefficients_(cuda, host_.coefficients) {}

    SketchesView view() const {
        return {count_,       block_count_,      keys_.data(), blocks_.data(), coefficients_.data(),
                first_basis_, host_.keys.front()};
    }

private:
    struct Host {
        std::vector<RoundKeys> keys;
        std::vector<SketchBlock> blocks;
        std::vector<float> coefficients;

        Host(std::span<const Sketch> sketches, float scale, std::span<const double> amplitudes) {
            for (const Sketch& sketch : sketches) {
                keys.emplace_back(basis_key(sketch.seed, static_cast<std::uint32_t>(sketch.basis)));
                std::uint64_t first = coefficients.size();
                for (const std::uint32_t bases : sketch.bases_per_block) {
                    blocks.push_back({bases, first});
                    first += bases;
                }
                std::vector<float> factors = coefficients_of(sketch, scale, amplitudes);
                if (coefficients.empty())
                    coefficients = std::move(factors);
                else
                    coefficients.insert(coefficients.end(), factors.begin(), factors.end());
            }
        }
    };

    std::uint32_t count_;
    std::uint32_t block_count_;
    std::uint32_t first_basis_;
    Host host_;
    DeviceArray<RoundKeys> keys_;
    DeviceArray<SketchBlock> blocks_;
    DeviceArray<float> coefficients_;
};

}  // namespace ferret::cuda
