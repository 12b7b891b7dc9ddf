#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <cstddef>

#include "../../tensor/tensor.hpp"

namespace ferret {

/// Instruction sets that the kernels are compiled for. The bits they produce are the same.
enum class InstructionSet { portable, avx2, avx512 };

/// The best instruction set that this processor has.
inline InstructionSet best_instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return InstructionSet::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return InstructionSet::avx2;
#endif
    return InstructionSet::portable;
}

/// The processor as a backend: kernels chosen at run time, OpenMP threads where the compiler has
/// them.
struct Cpu {
    static constexpr MemorySpace space = MemorySpace::host;

    int threads = 0;  ///< 0: as many as OpenMP would take
    InstructionSet instruction_set = best_instruction_set();
};

/// Calls task(i) for every i under count, on the backend's threads in any order.
/// Throws: nothing; neither may the tasks
template <class Task>
void parallel_for(const Cpu& cpu, std::size_t count, const Task& task) {
#ifdef _OPENMP
    const int wanted = cpu.threads > 0 ? cpu.threads : omp_get_max_threads();
    const int threads = static_cast<int>(std::min(static_cast<std::size_t>(wanted), count));
    if (threads > 1) {
#pragma omp parallel for schedule(dynamic) num_threads(threads)
        for (std::size_t i = 0; i < count; ++i) task(i);
        return;
    }
#else
    static_cast<void>(cpu);
#endif
    for (std::size_t i = 0; i < count; ++i) task(i);
}

}  // namespace ferret
