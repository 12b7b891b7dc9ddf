#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../../tensor/dtype.hpp"
#include "../../../wire/normal_levels.hpp"
#include "../few_bits_kernels.hpp"
#include "../fingerprint_kernels.hpp"
#include "../kernels.hpp"

#define FERRET_TARGET [[gnu::target("avx2,fma,f16c")]]
#define FERRET_INLINE FERRET_TARGET [[gnu::always_inline]] inline

namespace ferret::cpu::avx2 {

/// 256-bit vectors: 4 words in 64-bit lanes, or 8 floats.
struct Simd {
    using Words = __m256i;
    using Floats = __m256;
    struct Doubles {
        __m256d low, high;
    };
    static constexpr std::size_t width = 8;
    static constexpr std::size_t bases_at_once = 2;
    static constexpr bool is_parallel_alone = false;
    static constexpr bool converts_slowly = false;

    FERRET_INLINE static Words set64(std::uint64_t value) {
        return _mm256_set1_epi64x(static_cast<long long>(value));
    }
    FERRET_INLINE static Words iota64() { return _mm256_setr_epi64x(0, 1, 2, 3); }
    FERRET_INLINE static Words add64(Words a, Words b) { return _mm256_add_epi64(a, b); }
    FERRET_INLINE static Words mul_even32(Words a, Words b) { return _mm256_mul_epu32(a, b); }
    FERRET_INLINE static Words shift_right64_by_32(Words a) { return _mm256_srli_epi64(a, 32); }
    FERRET_INLINE static Words shift_left64_by_32(Words a) { return _mm256_slli_epi64(a, 32); }
    FERRET_INLINE static Words bit_xor(Words a, Words b) { return _mm256_xor_si256(a, b); }
    FERRET_INLINE static Words bit_xor(Words a, Words b, Words c) {
        return _mm256_xor_si256(_mm256_xor_si256(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE static Words shift_left32(Words a) {
        return _mm256_slli_epi32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE static Words shift_right32(Words a) {
        return _mm256_srli_epi32(a, Bits);
    }
    FERRET_INLINE static Words set32(std::uint32_t value) {
        return _mm256_set1_epi32(static_cast<int>(value));
    }
    FERRET_INLINE static Words sub32(Words a, Words b) { return _mm256_sub_epi32(a, b); }
    FERRET_INLINE static Words bit_and(Words a, Words b) { return _mm256_and_si256(a, b); }
    FERRET_INLINE static Words bit_or(Words a, Words b) { return _mm256_or_si256(a, b); }
    FERRET_INLINE static Words and_or(Words a, Words mask, Words bits) {
        return bit_or(bit_and(a, mask), bits);
    }
    FERRET_INLINE static Floats if_negative_then_else(Words mask, Floats yes, Floats no) {
        return _mm256_blendv_ps(no, yes, bit_cast_float(mask));
    }

    FERRET_INLINE static Floats set(float value) { return _mm256_set1_ps(value); }
    FERRET_INLINE static Floats load(const float* from) { return _mm256_loadu_ps(from); }
    FERRET_INLINE static void store(float* to, Floats a) { _mm256_storeu_ps(to, a); }
    FERRET_INLINE static Floats convert_to_float(Words a) { return _mm256_cvtepi32_ps(a); }
    FERRET_INLINE static Floats bit_cast_float(Words a) { return _mm256_castsi256_ps(a); }
    FERRET_INLINE static Words bit_cast_words(Floats a) { return _mm256_castps_si256(a); }
    FERRET_INLINE static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
    FERRET_INLINE static Floats mul(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
    FERRET_INLINE static Floats mul_add(Floats a, Floats b, Floats c) {
        return _mm256_fmadd_ps(a, b, c);
    }
    FERRET_INLINE static Floats sqrt(Floats a) { return _mm256_sqrt_ps(a); }
    /// a[i] + a[i ^ Distance] in lanes i without the bit Distance, a[i ^ Distance] - a[i] in those with it.
    template <unsigned Distance>
    FERRET_INLINE static Floats butterfly(Floats a) {
        // Times 1 or -1 is exact.
        const Floats signs = load(pair_signs<width, Distance>.data());
        if constexpr (Distance == 1) return mul_add(a, signs, _mm256_permute_ps(a, 0xB1));
        if constexpr (Distance == 2) return mul_add(a, signs, _mm256_permute_ps(a, 0x4E));
        if constexpr (Distance == 4) return mul_add(a, signs, _mm256_permute2f128_ps(a, a, 0x01));
    }
    /// Bit i is the sign bit of the 32-bit lane i.
    FERRET_INLINE static std::uint32_t sign_bits(Words a) {
        return static_cast<std::uint32_t>(_mm256_movemask_ps(bit_cast_float(a)));
    }
    FERRET_INLINE static Floats flip_sign(Floats a, Words signs) {
        return _mm256_xor_ps(a, bit_cast_float(bit_and(signs, set32(0x80000000u))));
    }

    FERRET_INLINE static Floats load(const bfloat16* from) {
        return bit_cast_float(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_16_bits(from)), 16));
    }
    FERRET_INLINE static Floats load(const half* from) {
        return _mm256_cvtph_ps(load_16_bits(from));
    }
    template <class T>
    FERRET_INLINE static Floats load_n(const T* from, std::size_t count) {
        T part[width] = {};
        std::memcpy(part, from, (std::min)(count, width) * sizeof(T));
        return load(part);
    }
    FERRET_INLINE static void store(bfloat16* to, Floats a) {
        // To nearest even: add half a step, less one where the kept part is even.
        const Words bits = bit_cast_words(a);
        const Words even = bit_and(shift_right32<16>(bits), set32(1));
        const Words rounded =
            shift_right32<16>(_mm256_add_epi32(bits, _mm256_add_epi32(even, set32(0x7FFFu))));
        const Words quiet =
            bit_cast_words(_mm256_blendv_ps(bit_cast_float(rounded), bit_cast_float(set32(0x7FC0u)),
                                            _mm256_cmp_ps(a, a, _CMP_UNORD_Q)));
        const Words packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(quiet, quiet), 0x08);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
    }
    FERRET_INLINE static void store(half* to, Floats a) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                         _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE static Words load64(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
    FERRET_INLINE static Words load32(const std::uint32_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    FERRET_INLINE static void store32(std::uint32_t* to, Words a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a);
    }
    FERRET_INLINE static Words shift_left32_each(Words a, Words bits) {
        return _mm256_sllv_epi32(a, bits);
    }
    FERRET_INLINE static Words add32(Words a, Words b) { return _mm256_add_epi32(a, b); }
    FERRET_INLINE static Words if_negative_then_else(Words mask, Words yes, Words no) {
        return bit_cast_words(if_negative_then_else(mask, bit_cast_float(yes), bit_cast_float(no)));
    }
    FERRET_INLINE static Floats sub(Floats a, Floats b) { return _mm256_sub_ps(a, b); }

    FERRET_INLINE static Doubles promote(Floats a) {
        return {_mm256_cvtps_pd(_mm256_castps256_ps128(a)),
                _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))};
    }
    FERRET_INLINE static Doubles load(const double* from) {
        return {_mm256_loadu_pd(from), _mm256_loadu_pd(from + 4)};
    }
    FERRET_INLINE static void store(double* to, Doubles a) {
        _mm256_storeu_pd(to, a.low);
        _mm256_storeu_pd(to + 4, a.high);
    }
    FERRET_INLINE static Doubles add(Doubles a, Doubles b) {
        return {_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
    }
    FERRET_INLINE static Doubles mul_add(Doubles a, Doubles b, Doubles c) {
        return {_mm256_fmadd_pd(a.low, b.low, c.low), _mm256_fmadd_pd(a.high, b.high, c.high)};
    }

private:
    FERRET_INLINE static __m128i load_16_bits(const void* from) {
        return _mm_loadu_si128(static_cast<const __m128i*>(from));
    }
};

}  // namespace ferret::cpu::avx2

#define FERRET_SIMD_NAMESPACE avx2
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET
