#pragma once

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "../../error.hpp"

namespace ferret {

/// Instruction sets that the kernels are compiled for. The bits they produce are the same.
/// `portable` is what every processor of this kind has: SSE2 on x86-64, plain C++ elsewhere.
enum class InstructionSet { portable, neon, avx2, avx512 };

/// Every instruction set by name, the better ones later.
inline constexpr std::array<std::pair<std::string_view, InstructionSet>, 4> instruction_set_names{{
    {"portable", InstructionSet::portable},
    {"neon", InstructionSet::neon},
    {"avx2", InstructionSet::avx2},
    {"avx512", InstructionSet::avx512},
}};

inline std::string_view instruction_set_name(InstructionSet set) {
    return instruction_set_names[static_cast<std::size_t>(set)].first;
}

/// Whether this processor has an instruction set, and this compiler the kernels for it.
inline bool is_supported(InstructionSet set) {
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

/// The best instruction set that this processor has.
inline InstructionSet best_instruction_set() {
    InstructionSet best = InstructionSet::portable;
    for (const auto& [name, set] : instruction_set_names)
        if (is_supported(set)) best = set;
    return best;
}

/// Throws: Unsupported if this processor does not have the instruction set
inline void check_supported(InstructionSet set) {
    if (!is_supported(set))
        throw Unsupported("instruction set: expected one that this processor has, at best " +
                          std::string(instruction_set_name(best_instruction_set())) + ", got " +
                          std::string(instruction_set_name(set)));
}

/// The instruction set that the environment variable FERRET_INSTRUCTION_SET names, or else the
/// best one.
/// Throws: UnknownName, Unsupported
inline InstructionSet default_instruction_set() {
    const char* wanted = std::getenv("FERRET_INSTRUCTION_SET");
    if (wanted == nullptr || *wanted == '\0') return best_instruction_set();
    for (const auto& [name, set] : instruction_set_names) {
        if (name != wanted) continue;
        check_supported(set);
        return set;
    }
    throw UnknownName("FERRET_INSTRUCTION_SET: expected portable, neon, avx2 or avx512, got " +
                      std::string(wanted));
}

}  // namespace ferret
