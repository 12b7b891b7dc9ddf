#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <cstddef>
#include <exception>

#include "../../floating_point.hpp"
#include "../../tensor/tensor.hpp"
#include "../function_ref.hpp"
#include "instruction_set.hpp"

namespace ferret {

// A backend with threads is another type than one without, and so is all that works on it: where a
// program's sources disagree on OpenMP, the linker must not take one's functions for the other's.
#ifdef _OPENMP
inline namespace with_openmp {
#else
inline namespace without_openmp {
#endif

/// The processor as a backend: kernels chosen at run time, OpenMP threads where the compiler has
/// them.
struct Cpu {
    static constexpr MemorySpace space = MemorySpace::host;

    int threads = 0;  ///< 0: as many as OpenMP would take
    InstructionSet instruction_set = default_instruction_set();
};

/// Threads that a backend may use.
inline int threads_of(const Cpu& cpu) {
#ifdef _OPENMP
    return cpu.threads > 0 ? cpu.threads : omp_get_max_threads();
#else
    static_cast<void>(cpu);
    return 1;
#endif
}

/// Calls task(i) for every i under count, on the backend's threads in any order.
/// Throws: what a task throws, one exception if several do, once all have ended
inline void parallel_for(const Cpu& cpu, std::size_t count, FunctionRef<void(std::size_t)> task) {
#ifdef _OPENMP
    const int threads =
        static_cast<int>((std::min)(static_cast<std::size_t>(threads_of(cpu)), count));
    if (threads > 1) {
        std::exception_ptr error;  // none may leave an OpenMP region
#pragma omp parallel num_threads(threads)
        {
            const IeeeArithmetic ieee;  // every thread has settings of its own
#pragma omp for schedule(dynamic)
            for (std::size_t i = 0; i < count; ++i) {
                try {
                    task(i);
                } catch (...) {
#pragma omp critical(ferret_parallel_for)
                    error = std::current_exception();
                }
            }
        }
        if (error) std::rethrow_exception(error);
        return;
    }
#else
    static_cast<void>(cpu);
#endif
    for (std::size_t i = 0; i < count; ++i) task(i);
}

}  // inline namespace

}  // namespace ferret
