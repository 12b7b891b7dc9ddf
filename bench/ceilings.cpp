#include "ceilings.hpp"

#include <Random123/philox.h>
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__x86_64__)
// g++ 12 warns of the undefined operands inside its own intrinsics.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

namespace {

constexpr std::size_t tile = 4096;  // floats, in the L1 cache
constexpr std::size_t large = std::size_t{1} << 28;

#if defined(__x86_64__)

constexpr std::size_t groups = 4;  // independent Philox states, to hide the multiplier's latency

template <int Bits>
[[gnu::target("avx512f")]] float philox_avx512(const float* data, std::uint32_t basis) {
    const __m512i m0 = _mm512_set1_epi64(0xD2511F53);
    const __m512i m1 = _mm512_set1_epi64(0xCD9E8D57);
    __m512i keys0[10], keys1[10];
    for (std::uint32_t round = 0; round < 10; ++round) {
        keys0[round] = _mm512_set1_epi64(1 + round * 0x9E3779B9u);
        keys1[round] = _mm512_set1_epi64(2 + round * 0xBB67AE85u);
    }
    const __m512i high_bits = _mm512_set1_epi32(Bits == 16 ? ~0xFFFF : ~0xFF);
    const __m512i half = _mm512_set1_epi32(Bits == 16 ? 0x8000 : 0x80);
    constexpr std::size_t per_group = Bits == 16 ? 64 : 32;
    __m512 sums[groups] = {};
    __m512i counter = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    for (std::size_t at = 0; at < tile; at += groups * per_group) {
        __m512i c0[groups], c1[groups], c2[groups], c3[groups];
#pragma GCC unroll 4
        for (std::size_t g = 0; g < groups; ++g) {
            c0[g] = counter;
            c1[g] = m0;
            c2[g] = _mm512_set1_epi64(basis);
            c3[g] = m1;
            counter = _mm512_add_epi64(counter, _mm512_set1_epi64(8));
        }
#pragma GCC unroll 9
        for (int round = 0; round < 9; ++round) {
#pragma GCC unroll 4
            for (std::size_t g = 0; g < groups; ++g) {
                const __m512i p0 = _mm512_mul_epu32(c0[g], m0);
                const __m512i p1 = _mm512_mul_epu32(c2[g], m1);
                c0[g] =
                    _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c1[g], keys0[round], 0x96);
                c1[g] = p1;
                c2[g] =
                    _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c3[g], keys1[round], 0x96);
                c3[g] = p0;
            }
        }
#pragma GCC unroll 4
        for (std::size_t g = 0; g < groups; ++g) {
            const __m512i p0 = _mm512_mul_epu32(c0[g], m0);
            const __m512i p1 = _mm512_mul_epu32(c2[g], m1);
            const __m512i words[2] = {
                _mm512_ternarylogic_epi64(_mm512_slli_epi64(c1[g], 32), p1, keys0[9], 0x96),
                _mm512_ternarylogic_epi64(_mm512_slli_epi64(c3[g], 32), p0, keys1[9], 0x96)};
            const float* row = data + at + g * per_group;
#pragma GCC unroll 2
            for (const __m512i word : words) {
                const __m512i high = _mm512_ternarylogic_epi32(word, high_bits, half, 0xEA);
                sums[g] = _mm512_fmadd_ps(_mm512_loadu_ps(row), _mm512_cvtepi32_ps(high), sums[g]);
                row += 16;
                if constexpr (Bits == 16) {
                    const __m512i low = _mm512_or_si512(_mm512_slli_epi32(word, 16), half);
                    sums[g] =
                        _mm512_fmadd_ps(_mm512_loadu_ps(row), _mm512_cvtepi32_ps(low), sums[g]);
                    row += 16;
                }
            }
        }
    }
    return _mm512_reduce_add_ps(
        _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

template <int Bits>
[[gnu::target("avx2,fma")]] float philox_avx2(const float* data, std::uint32_t basis) {
    constexpr std::size_t pair = 2;  // 16 registers hold no more states
    const __m256i m0 = _mm256_set1_epi64x(0xD2511F53);
    const __m256i m1 = _mm256_set1_epi64x(0xCD9E8D57);
    __m256i keys0[10], keys1[10];
    for (std::uint32_t round = 0; round < 10; ++round) {
        keys0[round] = _mm256_set1_epi64x(1 + round * 0x9E3779B9u);
        keys1[round] = _mm256_set1_epi64x(2 + round * 0xBB67AE85u);
    }
    const __m256i high_bits = _mm256_set1_epi32(Bits == 16 ? ~0xFFFF : ~0xFF);
    const __m256i half = _mm256_set1_epi32(Bits == 16 ? 0x8000 : 0x80);
    constexpr std::size_t per_group = Bits == 16 ? 32 : 16;
    __m256 sums[pair] = {};
    __m256i counter = _mm256_setr_epi64x(0, 1, 2, 3);
    for (std::size_t at = 0; at < tile; at += pair * per_group) {
        __m256i c0[pair], c1[pair], c2[pair], c3[pair];
#pragma GCC unroll 2
        for (std::size_t g = 0; g < pair; ++g) {
            c0[g] = counter;
            c1[g] = m0;
            c2[g] = _mm256_set1_epi64x(basis);
            c3[g] = m1;
            counter = _mm256_add_epi64(counter, _mm256_set1_epi64x(4));
        }
#pragma GCC unroll 9
        for (int round = 0; round < 9; ++round) {
#pragma GCC unroll 2
            for (std::size_t g = 0; g < pair; ++g) {
                const __m256i p0 = _mm256_mul_epu32(c0[g], m0);
                const __m256i p1 = _mm256_mul_epu32(c2[g], m1);
                c0[g] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), c1[g]),
                                         keys0[round]);
                c1[g] = p1;
                c2[g] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), c3[g]),
                                         keys1[round]);
                c3[g] = p0;
            }
        }
#pragma GCC unroll 2
        for (std::size_t g = 0; g < pair; ++g) {
            const __m256i p0 = _mm256_mul_epu32(c0[g], m0);
            const __m256i p1 = _mm256_mul_epu32(c2[g], m1);
            const __m256i words[2] = {
                _mm256_xor_si256(_mm256_xor_si256(_mm256_slli_epi64(c1[g], 32), p1), keys0[9]),
                _mm256_xor_si256(_mm256_xor_si256(_mm256_slli_epi64(c3[g], 32), p0), keys1[9])};
            const float* row = data + at + g * per_group;
#pragma GCC unroll 2
            for (const __m256i word : words) {
                const __m256i high = _mm256_or_si256(_mm256_and_si256(word, high_bits), half);
                sums[g] = _mm256_fmadd_ps(_mm256_loadu_ps(row), _mm256_cvtepi32_ps(high), sums[g]);
                row += 8;
                if constexpr (Bits == 16) {
                    const __m256i low = _mm256_or_si256(_mm256_slli_epi32(word, 16), half);
                    sums[g] =
                        _mm256_fmadd_ps(_mm256_loadu_ps(row), _mm256_cvtepi32_ps(low), sums[g]);
                    row += 8;
                }
            }
        }
    }
    float values[8];
    _mm256_storeu_ps(values, _mm256_add_ps(sums[0], sums[1]));
    float total = 0.0f;
    for (const float value : values) total += value;
    return total;
}

#endif

float random123(const float* data, std::uint32_t basis) {
    float sum = 0.0f;
    for (std::size_t at = 0; at < tile; at += 4) {
        const philox4x32_ctr_t words =
            philox4x32_R(10, {{static_cast<std::uint32_t>(at), 0, basis, 0}}, {{1, 2}});
        for (std::size_t i = 0; i < 4; ++i)
            sum += data[at + i] * static_cast<float>(static_cast<std::int32_t>(words[i]));
    }
    return sum;
}

using Loop = float (*)(const float*, std::uint32_t);

void run_generator(benchmark::State& state, Loop loop) {
    const std::vector<float> data(tile, 0.5f);
    std::uint32_t basis = 0;
    for (auto _ : state) benchmark::DoNotOptimize(loop(data.data(), basis++));
    state.counters["basis_elements"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(tile),
                           benchmark::Counter::kIsRate);
}

void report_memory(benchmark::State& state) {
    const double values = static_cast<double>(state.iterations()) * static_cast<double>(large);
    state.counters["values"] = benchmark::Counter(values, benchmark::Counter::kIsRate);
    state.counters["bytes"] =
        benchmark::Counter(values * sizeof(float), benchmark::Counter::kIsRate);
}

/// The sum of all values, with sums enough to hide the adder's latency.
float sum_plain(const float* data) {
    constexpr std::size_t width = 32;
    float sums[width] = {};
    for (std::size_t at = 0; at < large; at += width)
        for (std::size_t i = 0; i < width; ++i) sums[i] += data[at + i];
    float total = 0.0f;
    for (const float sum : sums) total += sum;
    return total;
}

#if defined(__x86_64__)
[[gnu::target("avx512f")]] float sum_avx512(const float* data) {
    __m512 sums[4] = {};
    for (std::size_t at = 0; at < large; at += 64) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i)
            sums[i] = _mm512_add_ps(sums[i], _mm512_loadu_ps(data + at + 16 * i));
    }
    return _mm512_reduce_add_ps(
        _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}
#endif

void read(benchmark::State& state) {
    const std::vector<float> data(large, 0.5f);
    float (*sum)(const float*) = sum_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) sum = sum_avx512;
#endif
    for (auto _ : state) benchmark::DoNotOptimize(sum(data.data()));
    report_memory(state);
}

void read_write(benchmark::State& state) {
    std::vector<float> data(large, 0.5f);
    for (auto _ : state) {
        for (float& value : data) value += 1e-6f;
        benchmark::ClobberMemory();
    }
    report_memory(state);
}

}  // namespace

void register_ceilings() {
    const auto add = [](const char* name, Loop loop) {
        benchmark::RegisterBenchmark(name, [loop](benchmark::State& state) {
            run_generator(state, loop);
        })->UseRealTime();
    };
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        add("ceiling/philox_16_avx512", philox_avx512<16>);
        add("ceiling/philox_32_avx512", philox_avx512<32>);
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        add("ceiling/philox_16_avx2", philox_avx2<16>);
        add("ceiling/philox_32_avx2", philox_avx2<32>);
    }
#endif
    add("ceiling/random123", random123);
    benchmark::RegisterBenchmark("ceiling/read", read)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark("ceiling/read_write", read_write)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}
