#pragma once

#include <doctest/doctest.h>

#include <ferret/backend/cpu/cpu.hpp>
#include <vector>

namespace ferret_test {

/// The instruction sets that this processor runs; what it does not is said aloud.
inline std::vector<ferret::InstructionSet> runnable_instruction_sets() {
    std::vector<ferret::InstructionSet> sets{ferret::InstructionSet::portable};
    for (const auto& [set, name] : {std::pair{ferret::InstructionSet::avx2, "AVX2"},
                                    std::pair{ferret::InstructionSet::avx512, "AVX-512"}}) {
        if (set <= ferret::best_instruction_set())
            sets.push_back(set);
        else
            MESSAGE("skipped: this processor has no " << name);
    }
    return sets;
}

}  // namespace ferret_test
