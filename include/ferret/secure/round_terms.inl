#pragma once

#include <utility>

#include "../error_text.hpp"
#include "../protocol/plan_check.hpp"
#include "../wire/frame.hpp"
#include "round_terms.hpp"

namespace ferret::secure {

FERRET_API std::vector<std::byte> encode(const RoundTerms& terms) {
    FrameWriter frame("FRST", 1);
    frame.number(terms.model_before);
    frame.number(static_cast<std::uint8_t>(terms.grid.bits));
    frame.number(static_cast<std::uint32_t>(terms.grid.steps.size()));
    for (const float step : terms.grid.steps) frame.number(step);
    return std::move(frame).finish();
}

FERRET_API RoundTerms decode_round_terms(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRST", 1, "round terms");
    RoundTerms terms;
    terms.model_before = frame.number<std::uint64_t>();
    terms.grid.bits = frame.number<std::uint8_t>();
    if (terms.grid.bits < 1 || terms.grid.bits > most_grid_bits)
        throw Malformed(error_text({"round terms: expected a grid of 1 to ", most_grid_bits,
                                    " bits, got ", terms.grid.bits}));
    const auto count = frame.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) {
        const float step = frame.real();
        if (!(step >= smallest_step && step <= largest_step))
            throw Malformed(error_text({"round terms: expected steps from ", smallest_step, " to ",
                                        largest_step, ", got ", step}));
        terms.grid.steps.push_back(step);
    }
    frame.expect_end();
    return terms;
}

FERRET_API std::vector<std::uint32_t> summable_bases(const Plan& plan) {
    std::vector<std::uint32_t> bases = planned_bases(plan);
    if (bases.empty() || plan.sharing != SeedSharing::shared)
        throw InvalidBudget(
            "secure round: expected bases that all clients share and a budget that does not depend "
            "on "
            "updates, got others");
    return bases;
}

}  // namespace ferret::secure
