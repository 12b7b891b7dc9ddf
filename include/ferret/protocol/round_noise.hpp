#pragma once

#include <cstddef>
#include <span>

#include "../compiled.hpp"
#include "../sketch.hpp"
#include "plan.hpp"

namespace ferret {

/// How unlike a round's clients are, from the sketches of their messages.
/// Math:   h of unlikeness_of; 1, as if they were alike, where the sketches do not add, which alone do not
///         tell the mean's energy
/// Cost:   O(number of sketches times K)
/// Throws: SketchMismatch if there is no sketch; as check_sketch
double round_unlikeness(const Plan& plan, std::span<const Sketch> sketches);

/// The noise of the model's update when a server of the plan closes a round, relative to the energy of the
/// mean of so many clients' updates. damping_of has what to make of it.
/// Math:   noise_of_shared_bases where sketches add, else noise_of_own_bases, with the roundings up and
///         down of each client's coordinates
double round_noise(const Plan& plan, std::size_t clients, double unlikeness = 1.0);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "round_noise.inl"
#endif
