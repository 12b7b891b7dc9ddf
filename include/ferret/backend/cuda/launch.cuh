#pragma once

#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "cuda.cuh"
#include "memory.cuh"

namespace ferret::cuda {

/// The threads that run one task of a kernel together: a thread block, or one thread of the
/// processor. A kernel is a sequence of team.for_each, between which only `shared` memory carries
/// anything over; so the same code runs on both.
///
/// A kernel has `threads`, `teams` (thread blocks that a GPU's multiprocessor shall hold at least,
/// which bounds their registers), the type `Shared`, and operator()(team, shared, task).
class Team {
public:
    /// Calls visit(i) for every i under count, in any order, and waits for all.
    template <class Visit>
    FERRET_DEVICE void for_each(unsigned count, const Visit& visit) const {
#if FERRET_ON_GPU
        for (unsigned i = threadIdx.x; i < count; i += blockDim.x) visit(i);
        __syncthreads();
#else
        for (unsigned i = 0; i < count; ++i) visit(i);
#endif
    }

    /// Calls write(i, read(i)) for every i under count, in any order, and waits for all. A thread reads
    /// several before it writes: a compiler that cannot tell where `write` writes would have every read
    /// wait for the write before it.
    template <class Read, class Write>
    FERRET_DEVICE void transfer(unsigned count, const Read& read, const Write& write) const {
#if FERRET_ON_GPU
        constexpr unsigned reads_at_once = 8;
        for (unsigned first = threadIdx.x; first < count; first += reads_at_once * blockDim.x) {
            decltype(read(0u)) values[reads_at_once];
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n)
                if (first + n * blockDim.x < count) values[n] = read(first + n * blockDim.x);
            FERRET_UNROLL_LOOP
            for (unsigned n = 0; n < reads_at_once; ++n)
                if (first + n * blockDim.x < count) write(first + n * blockDim.x, values[n]);
        }
        __syncthreads();
#else
        for (unsigned i = 0; i < count; ++i) write(i, read(i));
#endif
    }
};

#if FERRET_ON_GPU
template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads, Kernel::teams) run_task(const Kernel kernel) {
    __shared__ typename Kernel::Shared shared;
    kernel(Team{}, shared, std::uint64_t{blockIdx.x});
}
#else
template <class Kernel>
struct RunTask {
    Kernel kernel;
    void operator()(std::uint64_t task) const {
        const auto shared = std::make_unique<typename Kernel::Shared>();
        kernel(Team{}, *shared, task);
    }
};
#endif

/// The last of `count` things, at least one and in order, that begins at `position` or before it.
/// begin_of(i): where the i-th begins; the first at 0
template <class BeginOf>
FERRET_DEVICE std::uint32_t find_last_begun(std::uint32_t count, std::uint64_t position,
                                            const BeginOf& begin_of) {
    std::uint32_t first = 0;
    for (std::uint32_t last = count - 1; first < last;) {
        const std::uint32_t middle = first + (last - first + 1) / 2;
        if (begin_of(middle) <= position)
            first = middle;
        else
            last = middle - 1;
    }
    return first;
}

/// Queues tasks 0 .. tasks - 1 of a kernel.
/// Throws: DeviceError if the kernel cannot start
template <class Kernel>
void launch(const Cuda& cuda, std::uint64_t tasks, const Kernel& kernel) {
    if (tasks == 0) return;
#if FERRET_ON_GPU
    run_task<<<static_cast<unsigned>(tasks), Kernel::threads, 0, cuda.stream>>>(kernel);
    check(cudaGetLastError(), "kernel");
#else
    static_cast<void>(cuda);
    thrust::for_each_n(thrust::device, thrust::counting_iterator<std::uint64_t>(0), tasks,
                       RunTask<Kernel>{kernel});
#endif
}

/// Thrust's policy for the backend's stream.
inline auto policy(const Cuda& cuda) {
#if FERRET_ON_GPU
    return thrust::cuda::par_nosync.on(cuda.stream);
#else
    static_cast<void>(cuda);
    return thrust::device;
#endif
}

/// Queues run(i) for every i under count, each by one thread.
template <class Run>
void for_each_index(const Cuda& cuda, std::uint64_t count, const Run& run) {
    thrust::for_each_n(policy(cuda), thrust::counting_iterator<std::uint64_t>(0), count, run);
}

}  // namespace ferret::cuda
