#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../../../tensor/dtype.hpp"

#define FERRET_TARGET [[gnu::target("avx2,fma,f16c")]]
#define FERRET_INLINE FERRET_TARGET [[gnu::always_inline]] static inline

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

    FERRET_INLINE Words words(std::uint64_t value) {
        return _mm256_set1_epi64x(static_cast<long long>(value));
    }
    FERRET_INLINE Words iota() { return _mm256_setr_epi64x(0, 1, 2, 3); }
    FERRET_INLINE Words add(Words a, Words b) { return _mm256_add_epi64(a, b); }
    FERRET_INLINE Words multiply(Words a, Words b) { return _mm256_mul_epu32(a, b); }
    FERRET_INLINE Words high_half(Words a) { return _mm256_srli_epi64(a, 32); }
    FERRET_INLINE Words to_high_half(Words a) { return _mm256_slli_epi64(a, 32); }
    FERRET_INLINE Words exclusive_or(Words a, Words b) { return _mm256_xor_si256(a, b); }
    FERRET_INLINE Words exclusive_or(Words a, Words b, Words c) {
        return _mm256_xor_si256(_mm256_xor_si256(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE Words shift_left(Words a) {
        return _mm256_slli_epi32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE Words shift_right(Words a) {
        return _mm256_srli_epi32(a, Bits);
    }
    FERRET_INLINE Words integers(std::uint32_t value) {
        return _mm256_set1_epi32(static_cast<int>(value));
    }
    FERRET_INLINE Words subtract_integers(Words a, Words b) { return _mm256_sub_epi32(a, b); }
    FERRET_INLINE Words both(Words a, Words b) { return _mm256_and_si256(a, b); }
    FERRET_INLINE Words either(Words a, Words b) { return _mm256_or_si256(a, b); }
    FERRET_INLINE Words mask_or(Words a, Words mask, Words bits) {
        return either(both(a, mask), bits);
    }
    FERRET_INLINE Floats choose(Words chooser, Floats a, Floats b) {
        return _mm256_blendv_ps(a, b, as_floats(chooser));
    }

    FERRET_INLINE Floats floats(float value) { return _mm256_set1_ps(value); }
    FERRET_INLINE Floats load(const float* from) { return _mm256_loadu_ps(from); }
    FERRET_INLINE void store(float* to, Floats a) { _mm256_storeu_ps(to, a); }
    FERRET_INLINE Floats from_integers(Words a) { return _mm256_cvtepi32_ps(a); }
    FERRET_INLINE Floats as_floats(Words a) { return _mm256_castsi256_ps(a); }
    FERRET_INLINE Words as_integers(Floats a) { return _mm256_castps_si256(a); }
    FERRET_INLINE Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
    FERRET_INLINE Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
    FERRET_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
    FERRET_INLINE Floats square_root(Floats a) { return _mm256_sqrt_ps(a); }
    FERRET_INLINE Floats flip_sign(Floats a, Words signs) {
        return _mm256_xor_ps(a, as_floats(both(signs, integers(0x80000000u))));
    }

    FERRET_INLINE Floats load(const bfloat16* from) {
        return as_floats(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_16_bits(from)), 16));
    }
    FERRET_INLINE Floats load(const half* from) { return _mm256_cvtph_ps(load_16_bits(from)); }
    template <class T>
    FERRET_INLINE Floats load_part(const T* from, std::size_t count) {
        T part[width] = {};
        std::copy_n(from, (std::min)(count, width), part);
        return load(part);
    }
    FERRET_INLINE void store(bfloat16* to, Floats a) {
        // To nearest even: add half a step, less one where the kept part is even.
        const Words bits = as_integers(a);
        const Words even = both(shift_right<16>(bits), integers(1));
        const Words rounded =
            shift_right<16>(_mm256_add_epi32(bits, _mm256_add_epi32(even, integers(0x7FFFu))));
        const Words quiet = as_integers(_mm256_blendv_ps(
            as_floats(rounded), as_floats(integers(0x7FC0u)), _mm256_cmp_ps(a, a, _CMP_UNORD_Q)));
        const Words packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(quiet, quiet), 0x08);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
    }
    FERRET_INLINE void store(half* to, Floats a) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                         _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE Words load_words(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
    FERRET_INLINE Words load_integers(const std::uint32_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    FERRET_INLINE void store_integers(std::uint32_t* to, Words a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a);
    }
    FERRET_INLINE Words shift_left_each(Words a, Words bits) { return _mm256_sllv_epi32(a, bits); }
    FERRET_INLINE Words add_integers(Words a, Words b) { return _mm256_add_epi32(a, b); }
    FERRET_INLINE Words choose_words(Words chooser, Words a, Words b) {
        return as_integers(choose(chooser, as_floats(a), as_floats(b)));
    }
    FERRET_INLINE Floats subtract(Floats a, Floats b) { return _mm256_sub_ps(a, b); }

    FERRET_INLINE Doubles widen(Floats a) {
        return {_mm256_cvtps_pd(_mm256_castps256_ps128(a)),
                _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))};
    }
    FERRET_INLINE Doubles load(const double* from) {
        return {_mm256_loadu_pd(from), _mm256_loadu_pd(from + 4)};
    }
    FERRET_INLINE void store(double* to, Doubles a) {
        _mm256_storeu_pd(to, a.low);
        _mm256_storeu_pd(to + 4, a.high);
    }
    FERRET_INLINE Doubles add(Doubles a, Doubles b) {
        return {_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
    }
    FERRET_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) {
        return {_mm256_fmadd_pd(a.low, b.low, c.low), _mm256_fmadd_pd(a.high, b.high, c.high)};
    }

private:
    FERRET_INLINE __m128i load_16_bits(const void* from) {
        return _mm_loadu_si128(static_cast<const __m128i*>(from));
    }
};

}  // namespace ferret::cpu::avx2

#define FERRET_SIMD_NAMESPACE avx2
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET
