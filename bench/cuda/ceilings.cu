#include "ceilings.hpp"

#include <benchmark/benchmark.h>
#include <cuda_runtime.h>
#include <curand_kernel.h>
#include <thrust/device_vector.h>

#include <cstddef>
#include <cstdint>
#include <cub/block/block_reduce.cuh>
#include <cub/device/device_reduce.cuh>

#include "stream_timer.cuh"

namespace {

using ferret::cuda::check;

constexpr unsigned threads = 256;  // of a thread block
constexpr std::uint64_t large = std::uint64_t{1} << 28;
constexpr unsigned bases = 64;

struct RoundKeys {
    std::uint32_t key0[10];
    std::uint32_t key1[10];
};

/// Only the first counter word changes from call to call, as within one basis, so that the compiler
/// may take the two multiplications that see the others alone out of the loop.
template <unsigned Bits>
__global__ void __launch_bounds__(threads)
    generate(const RoundKeys keys, std::uint32_t basis, float factor, unsigned calls, float* sums) {
    constexpr unsigned per_call = 128 / Bits;
    const std::uint32_t thread = blockIdx.x * threads + threadIdx.x;
    const std::uint32_t stride = gridDim.x * threads;
    float partial[per_call] = {};
#pragma unroll 4
    for (unsigned call = 0; call < calls; ++call) {
        std::uint32_t words[4] = {thread + call * stride, 0, basis, 0};
#pragma unroll
        for (unsigned round = 0; round < 10; ++round) {
            const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * words[0];
            const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * words[2];
            words[0] = static_cast<std::uint32_t>(product1 >> 32) ^ words[1] ^ keys.key0[round];
            words[1] = static_cast<std::uint32_t>(product1);
            words[2] = static_cast<std::uint32_t>(product0 >> 32) ^ words[3] ^ keys.key1[round];
            words[3] = static_cast<std::uint32_t>(product0);
        }
#pragma unroll
        for (unsigned i = 0; i < per_call; ++i) {
            float value;
            if constexpr (Bits == 16) {
                // 16 bits r below the exponent of 2^23: the float 2^23 + r.
                const unsigned bits =
                    __byte_perm(words[i / 2], 0x4B00u, i % 2 == 0 ? 0x5410u : 0x5432u);
                value = __uint_as_float(bits) - (0x1p23f + 0x1p15f);
            } else {
                value = static_cast<float>(static_cast<std::int32_t>(words[i]));
            }
            partial[i] = fmaf(factor, value, partial[i]);
        }
    }
    float sum = 0.0f;
    for (const float value : partial) sum += value;
    sums[thread] = sum;
}

template <unsigned Bits>
void run_generator(benchmark::State& state) {
    // As many thread blocks as run at a time, each with the same work, so that none waits.
    int processors = 0;
    int blocks_each = 0;
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0), "device");
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks_each, generate<Bits>, int{threads},
                                                        0),
          "occupancy");
    const auto blocks = static_cast<unsigned>(processors * blocks_each);
    constexpr std::uint64_t per_call = 128 / Bits;
    const auto calls = static_cast<unsigned>(large * bases / per_call / (blocks * threads));

    RoundKeys keys{};
    for (std::uint32_t round = 0; round < 10; ++round) {
        keys.key0[round] = 1 + round * 0x9E3779B9u;
        keys.key1[round] = 2 + round * 0xBB67AE85u;
    }
    thrust::device_vector<float> sums(std::size_t{blocks} * threads);
    const StreamTimer timer;
    std::uint32_t basis = 0;
    timer.measure(state, [&] {
        generate<Bits><<<blocks, threads, 0, timer.stream()>>>(
            keys, basis++, 0.5f, calls, thrust::raw_pointer_cast(sums.data()));
        check(cudaGetLastError(), "kernel");
    });
    count_rate(state, "basis_elements",
               static_cast<double>(per_call * calls) *
                   static_cast<double>(std::uint64_t{blocks} * threads));
}

void copy(benchmark::State& state) {
    const thrust::device_vector<float> from(large, 0.5f);
    thrust::device_vector<float> to(large);
    const StreamTimer timer;
    timer.measure(state, [&] {
        check(cudaMemcpyAsync(thrust::raw_pointer_cast(to.data()),
                              thrust::raw_pointer_cast(from.data()), large * sizeof(float),
                              cudaMemcpyDeviceToDevice, timer.stream()),
              "copy");
    });
    count_rate(state, "values", static_cast<double>(large));
    count_rate(state, "bytes", 2.0 * static_cast<double>(large * sizeof(float)));
}

void plain_read(benchmark::State& state) {
    const thrust::device_vector<float> data(large, 0.5f);
    thrust::device_vector<float> sum(1);
    const StreamTimer timer;
    std::size_t scratch_size = 0;
    const auto reduce = [&](void* scratch) {
        check(cub::DeviceReduce::Sum(scratch, scratch_size, thrust::raw_pointer_cast(data.data()),
                                     thrust::raw_pointer_cast(sum.data()), large, timer.stream()),
              "sum");
    };
    reduce(nullptr);  // tells the size of its scratch memory
    thrust::device_vector<std::byte> scratch(scratch_size);
    timer.measure(state, [&] { reduce(thrust::raw_pointer_cast(scratch.data())); });
    count_rate(state, "values", static_cast<double>(large));
    count_rate(state, "bytes", static_cast<double>(large * sizeof(float)));
}

constexpr unsigned chunk = 1u << 16;  // elements that a thread block multiplies with one basis

/// One state a thread. The thread blocks of a chunk follow one another, so that all bases but the
/// first find it in the L2 cache.
__global__ void __launch_bounds__(threads) project_curand(const float4* delta, float* sums) {
    const unsigned basis = blockIdx.x % bases;
    const std::uint64_t index = blockIdx.x / bases;
    curandStatePhilox4_32_10_t generator;
    curand_init(basis, index * threads + threadIdx.x, 0, &generator);
    const float4* from = delta + index * (chunk / 4);
    float sum = 0.0f;
#pragma unroll 4
    for (unsigned i = threadIdx.x; i < chunk / 4; i += threads) {
        const float4 uniforms = curand_uniform4(&generator);
        const float4 values = from[i];
        sum = fmaf(values.x, uniforms.x - 0.5f, sum);
        sum = fmaf(values.y, uniforms.y - 0.5f, sum);
        sum = fmaf(values.z, uniforms.z - 0.5f, sum);
        sum = fmaf(values.w, uniforms.w - 0.5f, sum);
    }
    using Reduce = cub::BlockReduce<float, int{threads}>;
    __shared__ typename Reduce::TempStorage storage;
    const float total = Reduce(storage).Sum(sum);
    if (threadIdx.x == 0) atomicAdd(sums + basis, total);
}

void curand_project(benchmark::State& state) {
    const thrust::device_vector<float4> delta(large / 4, make_float4(0.5f, 0.5f, 0.5f, 0.5f));
    thrust::device_vector<float> sums(bases);
    const StreamTimer timer;
    timer.measure(state, [&] {
        project_curand<<<static_cast<unsigned>(large / chunk * bases), threads, 0,
                         timer.stream()>>>(thrust::raw_pointer_cast(delta.data()),
                                           thrust::raw_pointer_cast(sums.data()));
        check(cudaGetLastError(), "kernel");
    });
    count_rate(state, "basis_elements", static_cast<double>(large) * bases);
}

}  // namespace

void register_cuda_ceilings() {
    register_on_gpu("ceiling/philox_16", run_generator<16>);
    register_on_gpu("ceiling/philox_32", run_generator<32>);
    register_on_gpu("ceiling/copy", copy);
    register_on_gpu("ceiling/read", plain_read);
    register_on_gpu("curand/project", curand_project);
}
