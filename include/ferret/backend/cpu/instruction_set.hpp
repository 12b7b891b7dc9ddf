#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "../../compiled.hpp"
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
bool is_supported(InstructionSet set);

/// The best instruction set that this processor has.
InstructionSet best_instruction_set();

/// Throws: Unsupported if this processor does not have the instruction set
void check_supported(InstructionSet set);

/// The instruction set that the environment variable FERRET_INSTRUCTION_SET names, or else the
/// best one.
/// Throws: UnknownName, Unsupported
InstructionSet default_instruction_set();

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "instruction_set.inl"
#endif
