#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "../basis/basis.hpp"
#include "../block/budget.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../sketch.hpp"
#include "plan.hpp"
#include "plan_check.hpp"

namespace ferret {

FERRET_API std::vector<std::uint32_t> planned_bases(const Plan& plan) {
    if (!depends_on_update(plan.budget)) return allocate(plan.budget, plan.layout);
    check_total(plan.layout, total_of(plan.budget));
    return {};
}

FERRET_API void check_against(const Plan& plan, std::span<const std::uint32_t> planned,
                              const Sketch& sketch, std::uint64_t round, std::uint64_t client,
                              const std::string& where) {
    check_sketch(sketch, plan.layout);
    const auto refuse = [&](std::initializer_list<MessagePart> problem) {
        throw SketchMismatch(error_text({where, ": expected ", error_text(problem)}));
    };
    if (sketch.basis != basis_id(plan.basis))
        refuse({"basis ", basis_name(plan.basis), ", got ", basis_name(sketch.basis)});
    if (sketch.seed != plan.seed_of(round, client))
        refuse({"the plan's seed for client ", client, " in round ", round, ", got another"});
    const std::uint64_t total = total_of(plan.budget);
    if (sketch.coordinates.size() != total)
        refuse({total, " coordinates, got ", sketch.coordinates.size()});
    if (!planned.empty() && !std::ranges::equal(sketch.bases_per_block, planned))
        refuse({"the plan's bases of every block, got others"});
}

}  // namespace ferret
