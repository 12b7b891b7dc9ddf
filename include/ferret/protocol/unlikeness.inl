#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "unlikeness.hpp"

namespace ferret {
namespace detail {

/// rho_l K_l ||gamma_l||^2 of each block.
FERRET_API std::vector<double> block_energies(const Sketch& sketch, const Layout& layout,
                                              const Basis& basis) {
    std::vector<double> energies;
    std::size_t at = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t bases = sketch.bases_per_block[block];
        double sum = 0.0;
        for (std::uint32_t k = 0; k < bases; ++k, ++at) {
            const auto coordinate = static_cast<double>(sketch.coordinates[at]);
            sum += coordinate * coordinate;
        }
        energies.push_back(sum * static_cast<double>(bases) *
                           second_moment(basis, layout.block_size(block), bases));
    }
    return energies;
}

}  // namespace detail

FERRET_API double update_energy(const Sketch& sketch, const Layout& layout, const Basis& basis,
                                double rounding) {
    double sum = 0.0;
    for (const double energy : detail::block_energies(sketch, layout, basis)) sum += energy;
    return sum / (1.0 + rounding);
}

FERRET_API UpdateEnergies client_energies(std::span<const Sketch> sketches, const Layout& layout,
                                          const Basis& basis, double rounding) {
    double energy = 0.0;
    double spread = 0.0;  // each block's energy times its d_l / K_l
    for (const Sketch& sketch : sketches) {
        const std::vector<double> energies = detail::block_energies(sketch, layout, basis);
        for (std::size_t block = 0; block < energies.size(); ++block) {
            energy += energies[block];
            spread += energies[block] * static_cast<double>(layout.block_size(block)) /
                      static_cast<double>(sketch.bases_per_block[block]);
        }
    }
    return {.of_clients = energy / static_cast<double>(sketches.size()) / (1.0 + rounding),
            .per_coordinate = energy > 0.0 ? spread / energy : 1.0};
}

FERRET_API double energy_of_mean_sketch(const UpdateEnergies& clients, double mean_sketch_energy,
                                        std::size_t count, double rounding) {
    return mean_sketch_energy - rounding * clients.of_clients / static_cast<double>(count);
}

FERRET_API double energy_of_rebuilt_mean(const UpdateEnergies& clients, double rebuilt_energy,
                                         std::size_t count, double rounding) {
    return rebuilt_energy - clients.of_clients / static_cast<double>(count) *
                                (clients.per_coordinate * (1.0 + rounding) - 1.0);
}

FERRET_API double unlikeness_of(const UpdateEnergies& energies, std::size_t count) {
    const auto most = static_cast<double>(count);
    if (energies.of_clients <= 0.0) return 1.0;
    if (energies.of_mean * most <= energies.of_clients) return most;
    return (std::max)(1.0, energies.of_clients / energies.of_mean);
}

}  // namespace ferret
