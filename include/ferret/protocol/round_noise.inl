#pragma once

#include "round_noise.hpp"
#include "sketch_noise.hpp"
#include "unlikeness.hpp"

namespace ferret {

FERRET_API double round_unlikeness(const Plan& plan, std::span<const Sketch> sketches) {
    if (sketches.empty()) throw SketchMismatch("unlikeness: expected sketches, got none");
    for (const Sketch& sketch : sketches) check_sketch(sketch, plan.layout);
    if (!can_add(sketches)) return 1.0;
    const std::size_t count = sketches.size();
    const double rounding = normal_noise(plan.up);
    UpdateEnergies energies = client_energies(sketches, plan.layout, plan.basis, rounding);
    Sketch mean = sum(sketches);
    mean.scale(1.0f / static_cast<float>(count));
    energies.of_mean = energy_of_mean_sketch(
        energies, update_energy(mean, plan.layout, plan.basis, 0.0), count, rounding);
    return unlikeness_of(energies, count);
}

FERRET_API double round_noise(const Plan& plan, std::size_t clients, double unlikeness) {
    SketchSetting setting{.per_coordinate = static_cast<double>(plan.layout.element_count()) /
                                            static_cast<double>(total_of(plan.budget)),
                          .clients = clients,
                          .rounding_up = normal_noise(plan.up),
                          .rounding_down = normal_noise(plan.down),
                          .unlikeness = unlikeness};
    const bool adds_up = plan.sharing == SeedSharing::shared &&
                         !(depends_on_update(plan.budget) && is_sparse(plan.basis));
    if (adds_up) return noise_of_shared_bases(setting);
    // The server rounds each client's coordinates a second time.
    setting.rounding_up = (1.0 + setting.rounding_up) * (1.0 + setting.rounding_down) - 1.0;
    return noise_of_own_bases(setting);
}

}  // namespace ferret
