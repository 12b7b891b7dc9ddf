#pragma once

#include <doctest/doctest.h>

#include <ferret/backend/cpu/cpu.hpp>
#include <vector>

namespace ferret_test {

/// The instruction sets that this processor runs; what it does not is said aloud, once.
inline const std::vector<ferret::InstructionSet>& runnable_instruction_sets() {
    static const std::vector<ferret::InstructionSet> sets = [] {
        std::vector<ferret::InstructionSet> found;
        for (const auto& [name, set] : ferret::instruction_set_names) {
            if (ferret::is_supported(set))
                found.push_back(set);
            else
                MESSAGE("skipped: this processor has no " << name);
        }
        return found;
    }();
    return sets;
}

}  // namespace ferret_test
