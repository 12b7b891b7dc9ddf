#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../basis/basis.hpp"
#include "../block/budget.hpp"
#include "../compiled.hpp"
#include "../error.hpp"
#include "../sketch.hpp"
#include "plan.hpp"

namespace ferret {

/// K_l of every sketch where the plan fixes them; nothing where each update has its own.
/// Throws: InvalidBudget if the plan's K does not fit its layout
std::vector<std::uint32_t> planned_bases(const Plan& plan);

/// For a server: whether a client's sketch is one that the plan asks for.
/// Shapes: planned: what planned_bases(plan) gave; `where` begins the message
/// Throws: SketchMismatch for another basis, seed or budget; as check_sketch
void check_against(const Plan& plan, std::span<const std::uint32_t> planned, const Sketch& sketch,
                   std::uint64_t round, std::uint64_t client, const std::string& where);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "plan_check.inl"
#endif
