#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "../../error.hpp"
#include "../../error_text.hpp"
#include "instruction_set.hpp"

namespace ferret {

FERRET_API bool is_supported(InstructionSet set) {
    if (set == InstructionSet::portable) return true;
#if defined(__x86_64__) && defined(__GNUC__)
    if (set == InstructionSet::avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    // Every processor with AVX2 and FMA converts 16-bit floats (F16C) too.
    if (set == InstructionSet::avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(__aarch64__) && defined(__GNUC__)
    if (set == InstructionSet::neon) return true;
#endif
    return false;
}

FERRET_API InstructionSet best_instruction_set() {
    InstructionSet best = InstructionSet::portable;
    for (const auto& [name, set] : instruction_set_names)
        if (is_supported(set)) best = set;
    return best;
}

FERRET_API void check_supported(InstructionSet set) {
    if (!is_supported(set))
        throw Unsupported(error_text(
            {"instruction set: expected one that this processor has, at best ",
             instruction_set_name(best_instruction_set()), ", got ", instruction_set_name(set)}));
}

FERRET_API InstructionSet default_instruction_set() {
    const char* wanted = std::getenv("FERRET_INSTRUCTION_SET");
    if (wanted == nullptr || *wanted == '\0') return best_instruction_set();
    for (const auto& [name, set] : instruction_set_names) {
        if (name != wanted) continue;
        check_supported(set);
        return set;
    }
    throw UnknownName(error_text(
        {"FERRET_INSTRUCTION_SET: expected portable, neon, avx2 or avx512, got ", wanted}));
}

}  // namespace ferret
