#pragma once

// g++ 12 warns of the undefined operands inside its own intrinsics.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "../../../tensor/dtype.hpp"

#define FERRET_TARGET [[gnu::target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]]
#define FERRET_INLINE FERRET_TARGET [[gnu::always_inline]] static inline

namespace ferret::cpu::avx512 {

/// 512-bit vectors: 8 words in 64-bit lanes, or 16 floats.
struct Simd {
    using Words = __m512i;
    using Floats = __m512;
    struct Doubles {
        __m512d low, high;
    };
    static constexpr std::size_t width = 16;         ///< floats in a vector
    static constexpr std::size_t bases_at_once = 4;  ///< whose Philox states fit the registers

    FERRET_INLINE Words words(std::uint64_t value) {
        return _mm512_set1_epi64(static_cast<long long>(value));
    }
    FERRET_INLINE Words iota() { return _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7); }
    FERRET_INLINE Words add(Words a, Words b) { return _mm512_add_epi64(a, b); }
    /// 64-bit products of the lanes' low halves.
    FERRET_INLINE Words multiply(Words a, Words b) { return _mm512_mul_epu32(a, b); }
    FERRET_INLINE Words high_half(Words a) { return _mm512_srli_epi64(a, 32); }
    FERRET_INLINE Words to_high_half(Words a) { return _mm512_slli_epi64(a, 32); }
    FERRET_INLINE Words exclusive_or(Words a, Words b) { return _mm512_xor_si512(a, b); }
    FERRET_INLINE Words exclusive_or(Words a, Words b, Words c) {
        return _mm512_ternarylogic_epi64(a, b, c, 0x96);
    }

    template <unsigned Bits>
    FERRET_INLINE Words shift_left(Words a) {
        return _mm512_slli_epi32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE Words shift_right(Words a) {
        return _mm512_srli_epi32(a, Bits);
    }
    FERRET_INLINE Words integers(std::uint32_t value) {
        return _mm512_set1_epi32(static_cast<int>(value));
    }
    FERRET_INLINE Words subtract_integers(Words a, Words b) { return _mm512_sub_epi32(a, b); }
    FERRET_INLINE Words both(Words a, Words b) { return _mm512_and_si512(a, b); }
    FERRET_INLINE Words either(Words a, Words b) { return _mm512_or_si512(a, b); }
    /// (a & mask) | bits
    FERRET_INLINE Words mask_or(Words a, Words mask, Words bits) {
        return _mm512_ternarylogic_epi32(a, mask, bits, 0xEA);
    }
    /// a where the sign bit of `chooser` is 0, b where it is 1.
    FERRET_INLINE Floats choose(Words chooser, Floats a, Floats b) {
        return _mm512_mask_mov_ps(a, _mm512_movepi32_mask(chooser), b);
    }

    FERRET_INLINE Floats floats(float value) { return _mm512_set1_ps(value); }
    FERRET_INLINE Floats load(const float* from) { return _mm512_loadu_ps(from); }
    FERRET_INLINE void store(float* to, Floats a) { _mm512_storeu_ps(to, a); }
    FERRET_INLINE Floats from_integers(Words a) { return _mm512_cvtepi32_ps(a); }
    FERRET_INLINE Floats as_floats(Words a) { return _mm512_castsi512_ps(a); }
    FERRET_INLINE Words as_integers(Floats a) { return _mm512_castps_si512(a); }
    FERRET_INLINE Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
    FERRET_INLINE Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
    FERRET_INLINE Floats fma(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
    FERRET_INLINE Floats square_root(Floats a) { return _mm512_sqrt_ps(a); }
    /// a with its sign flipped where the sign bit of `signs` is 1.
    FERRET_INLINE Floats flip_sign(Floats a, Words signs) {
        return as_floats(
            _mm512_ternarylogic_epi32(as_integers(a), signs, integers(0x80000000u), 0x78));
    }

    FERRET_INLINE Floats load(const bfloat16* from) {
        return as_floats(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_16_bits(from)), 16));
    }
    FERRET_INLINE Floats load(const half* from) { return _mm512_cvtph_ps(load_16_bits(from)); }
    /// The first `count` values, and then zeros.
    FERRET_INLINE Floats load_part(const float* from, std::size_t count) {
        return _mm512_maskz_loadu_ps(first_lanes(count), from);
    }
    FERRET_INLINE Floats load_part(const bfloat16* from, std::size_t count) {
        const __m256i bits = _mm256_maskz_loadu_epi16(first_lanes(count), from);
        return as_floats(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }
    FERRET_INLINE Floats load_part(const half* from, std::size_t count) {
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(count), from));
    }
    FERRET_INLINE void store(bfloat16* to, Floats a) {
        // To nearest even: add half a step, less one where the kept part is even.
        const Words bits = as_integers(a);
        const Words even = both(shift_right<16>(bits), integers(1));
        const Words rounded =
            shift_right<16>(_mm512_add_epi32(bits, _mm512_add_epi32(even, integers(0x7FFFu))));
        const Words quiet = _mm512_mask_mov_epi32(rounded, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q),
                                                  integers(0x7FC0u));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(quiet));
    }
    FERRET_INLINE void store(half* to, Floats a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                            _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE Words load_words(const void* from) { return _mm512_loadu_si512(from); }
    FERRET_INLINE Words load_integers(const std::uint32_t* from) {
        return _mm512_loadu_si512(from);
    }
    FERRET_INLINE void store_integers(std::uint32_t* to, Words a) { _mm512_storeu_si512(to, a); }
    FERRET_INLINE Words shift_left_each(Words a, Words bits) { return _mm512_sllv_epi32(a, bits); }
    FERRET_INLINE Words add_integers(Words a, Words b) { return _mm512_add_epi32(a, b); }
    FERRET_INLINE Words choose_words(Words chooser, Words a, Words b) {
        return as_integers(choose(chooser, as_floats(a), as_floats(b)));
    }
    FERRET_INLINE Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }

    FERRET_INLINE Doubles widen(Floats a) {
        return {_mm512_cvtps_pd(_mm512_castps512_ps256(a)),
                _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1))};
    }
    FERRET_INLINE Doubles load(const double* from) {
        return {_mm512_loadu_pd(from), _mm512_loadu_pd(from + 8)};
    }
    FERRET_INLINE void store(double* to, Doubles a) {
        _mm512_storeu_pd(to, a.low);
        _mm512_storeu_pd(to + 8, a.high);
    }
    FERRET_INLINE Doubles add(Doubles a, Doubles b) {
        return {_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
    }
    FERRET_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) {
        return {_mm512_fmadd_pd(a.low, b.low, c.low), _mm512_fmadd_pd(a.high, b.high, c.high)};
    }

private:
    FERRET_INLINE __mmask16 first_lanes(std::size_t count) {
        return static_cast<__mmask16>(count < width ? (1u << count) - 1 : 0xFFFFu);
    }
    FERRET_INLINE __m256i load_16_bits(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
};

}  // namespace ferret::cpu::avx512

#define FERRET_SIMD_NAMESPACE avx512
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
