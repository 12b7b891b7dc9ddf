#pragma once

#include <cstddef>
#include <span>

#include "../basis/basis.hpp"
#include "../block/layout.hpp"
#include "../compiled.hpp"
#include "../sketch.hpp"

namespace ferret {

/// What a server can tell of its clients' updates from their sketches.
struct UpdateEnergies {
    double of_clients = 0.0;      ///< mean of ||Delta_i||^2
    double of_mean = 0.0;         ///< ||mean of Delta_i||^2
    double per_coordinate = 1.0;  ///< d_l / K_l, weighted by the energy of the blocks l
};

/// The update's energy.
/// Math:   sum over l of rho_l K_l ||gamma_l||^2, which is ||Delta||^2 in expectation over the bases, for
///         dense families and SparseSign; rounding adds `rounding` times as much, which is divided away
double update_energy(const Sketch& sketch, const Layout& layout, const Basis& basis,
                     double rounding);

/// The clients' energies; of_mean is left at 0.
UpdateEnergies client_energies(std::span<const Sketch> sketches, const Layout& layout,
                               const Basis& basis, double rounding);

/// The mean's energy from the clients' mean sketch, on bases that they share.
/// Math:   its own less what the clients' roundings leave: rounding / m of the clients'
double energy_of_mean_sketch(const UpdateEnergies& clients, double mean_sketch_energy,
                             std::size_t count, double rounding);

/// The mean's energy from the rebuilt mean R, each client on its own bases.
/// Math:   ||R||^2 less what the bases' and roundings' noise leaves of it, noise_of_own_bases
double energy_of_rebuilt_mean(const UpdateEnergies& clients, double rebuilt_energy,
                              std::size_t count, double rounding);

/// Math:   h = mean ||Delta_i||^2 / ||mean Delta||^2, at least 1, and at most the number of clients, which
///         updates without anything in common have
double unlikeness_of(const UpdateEnergies& energies, std::size_t count);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "unlikeness.inl"
#endif
