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
#include "../../../wire/normal_levels.hpp"
#include "../few_bits_kernels.hpp"
#include "../fingerprint_kernels.hpp"
#include "../kernels.hpp"

#define FERRET_TARGET [[gnu::target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]]
#define FERRET_INLINE FERRET_TARGET [[gnu::always_inline]] inline

namespace ferret::cpu::avx512 {

/// 512-bit vectors: 8 words in 64-bit lanes, or 16 floats.
struct Simd {
    using Words = __m512i;
    using Floats = __m512;
    struct Doubles {
        __m512d low, high;
    };
    static constexpr std::size_t width = 16;          ///< floats in a vector
    static constexpr std::size_t bases_at_once = 4;   ///< whose Philox states fit the registers
    static constexpr bool is_parallel_alone = false;  ///< whether one basis keeps it busy
    static constexpr bool converts_slowly = false;    ///< 16-bit floats

    FERRET_INLINE static Words set64(std::uint64_t value) {
        return _mm512_set1_epi64(static_cast<long long>(value));
    }
    FERRET_INLINE static Words iota64() { return _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7); }
    FERRET_INLINE static Words add64(Words a, Words b) { return _mm512_add_epi64(a, b); }
    /// 64-bit products of the lanes' low halves.
    FERRET_INLINE static Words mul_even32(Words a, Words b) { return _mm512_mul_epu32(a, b); }
    FERRET_INLINE static Words shift_right64_by_32(Words a) { return _mm512_srli_epi64(a, 32); }
    FERRET_INLINE static Words shift_left64_by_32(Words a) { return _mm512_slli_epi64(a, 32); }
    FERRET_INLINE static Words bit_xor(Words a, Words b) { return _mm512_xor_si512(a, b); }
    FERRET_INLINE static Words bit_xor(Words a, Words b, Words c) {
        return _mm512_ternarylogic_epi64(a, b, c, 0x96);
    }

    template <unsigned Bits>
    FERRET_INLINE static Words shift_left32(Words a) {
        return _mm512_slli_epi32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE static Words shift_right32(Words a) {
        return _mm512_srli_epi32(a, Bits);
    }
    FERRET_INLINE static Words set32(std::uint32_t value) {
        return _mm512_set1_epi32(static_cast<int>(value));
    }
    FERRET_INLINE static Words sub32(Words a, Words b) { return _mm512_sub_epi32(a, b); }
    FERRET_INLINE static Words bit_and(Words a, Words b) { return _mm512_and_si512(a, b); }
    FERRET_INLINE static Words bit_or(Words a, Words b) { return _mm512_or_si512(a, b); }
    /// (a & mask) | bits
    FERRET_INLINE static Words and_or(Words a, Words mask, Words bits) {
        return _mm512_ternarylogic_epi32(a, mask, bits, 0xEA);
    }
    /// yes where the sign bit of `mask` is 1, no where it is 0.
    FERRET_INLINE static Floats if_negative_then_else(Words mask, Floats yes, Floats no) {
        return _mm512_mask_mov_ps(no, _mm512_movepi32_mask(mask), yes);
    }

    FERRET_INLINE static Floats set(float value) { return _mm512_set1_ps(value); }
    FERRET_INLINE static Floats load(const float* from) { return _mm512_loadu_ps(from); }
    FERRET_INLINE static void store(float* to, Floats a) { _mm512_storeu_ps(to, a); }
    FERRET_INLINE static Floats convert_to_float(Words a) { return _mm512_cvtepi32_ps(a); }
    FERRET_INLINE static Floats bit_cast_float(Words a) { return _mm512_castsi512_ps(a); }
    FERRET_INLINE static Words bit_cast_words(Floats a) { return _mm512_castps_si512(a); }
    FERRET_INLINE static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
    FERRET_INLINE static Floats mul(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
    FERRET_INLINE static Floats mul_add(Floats a, Floats b, Floats c) {
        return _mm512_fmadd_ps(a, b, c);
    }
    FERRET_INLINE static Floats sqrt(Floats a) { return _mm512_sqrt_ps(a); }
    /// a[i] + a[i ^ Distance] in lanes i without the bit Distance, a[i ^ Distance] - a[i] in those with it.
    template <unsigned Distance>
    FERRET_INLINE static Floats butterfly(Floats a) {
        // Times 1 or -1 is exact.
        const Floats signs = load(pair_signs<width, Distance>.data());
        if constexpr (Distance == 1) return mul_add(a, signs, _mm512_permute_ps(a, 0xB1));
        if constexpr (Distance == 2) return mul_add(a, signs, _mm512_permute_ps(a, 0x4E));
        if constexpr (Distance == 4) return mul_add(a, signs, _mm512_shuffle_f32x4(a, a, 0xB1));
        if constexpr (Distance == 8) return mul_add(a, signs, _mm512_shuffle_f32x4(a, a, 0x4E));
    }
    /// Bit i is the sign bit of the 32-bit lane i.
    FERRET_INLINE static std::uint32_t sign_bits(Words a) { return _mm512_movepi32_mask(a); }
    /// a with its sign flipped where the sign bit of `signs` is 1.
    FERRET_INLINE static Floats flip_sign(Floats a, Words signs) {
        return bit_cast_float(
            _mm512_ternarylogic_epi32(bit_cast_words(a), signs, set32(0x80000000u), 0x78));
    }

    FERRET_INLINE static Floats load(const bfloat16* from) {
        return bit_cast_float(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_16_bits(from)), 16));
    }
    FERRET_INLINE static Floats load(const half* from) {
        return _mm512_cvtph_ps(load_16_bits(from));
    }
    /// The first `count` values, and then zeros.
    FERRET_INLINE static Floats load_n(const float* from, std::size_t count) {
        return _mm512_maskz_loadu_ps(first_lanes(count), from);
    }
    FERRET_INLINE static Floats load_n(const bfloat16* from, std::size_t count) {
        const __m256i bits = _mm256_maskz_loadu_epi16(first_lanes(count), from);
        return bit_cast_float(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }
    FERRET_INLINE static Floats load_n(const half* from, std::size_t count) {
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(count), from));
    }
    FERRET_INLINE static void store(bfloat16* to, Floats a) {
        // To nearest even: add half a step, less one where the kept part is even.
        const Words bits = bit_cast_words(a);
        const Words even = bit_and(shift_right32<16>(bits), set32(1));
        const Words rounded =
            shift_right32<16>(_mm512_add_epi32(bits, _mm512_add_epi32(even, set32(0x7FFFu))));
        const Words quiet =
            _mm512_mask_mov_epi32(rounded, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), set32(0x7FC0u));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(quiet));
    }
    FERRET_INLINE static void store(half* to, Floats a) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                            _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE static Words load64(const void* from) { return _mm512_loadu_si512(from); }
    FERRET_INLINE static Words load32(const std::uint32_t* from) {
        return _mm512_loadu_si512(from);
    }
    FERRET_INLINE static void store32(std::uint32_t* to, Words a) { _mm512_storeu_si512(to, a); }
    FERRET_INLINE static Words shift_left32_each(Words a, Words bits) {
        return _mm512_sllv_epi32(a, bits);
    }
    FERRET_INLINE static Words add32(Words a, Words b) { return _mm512_add_epi32(a, b); }
    FERRET_INLINE static Words if_negative_then_else(Words mask, Words yes, Words no) {
        return bit_cast_words(if_negative_then_else(mask, bit_cast_float(yes), bit_cast_float(no)));
    }
    FERRET_INLINE static Floats sub(Floats a, Floats b) { return _mm512_sub_ps(a, b); }

    FERRET_INLINE static Doubles promote(Floats a) {
        return {_mm512_cvtps_pd(_mm512_castps512_ps256(a)),
                _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1))};
    }
    FERRET_INLINE static Doubles load(const double* from) {
        return {_mm512_loadu_pd(from), _mm512_loadu_pd(from + 8)};
    }
    FERRET_INLINE static void store(double* to, Doubles a) {
        _mm512_storeu_pd(to, a.low);
        _mm512_storeu_pd(to + 8, a.high);
    }
    FERRET_INLINE static Doubles add(Doubles a, Doubles b) {
        return {_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
    }
    FERRET_INLINE static Doubles mul_add(Doubles a, Doubles b, Doubles c) {
        return {_mm512_fmadd_pd(a.low, b.low, c.low), _mm512_fmadd_pd(a.high, b.high, c.high)};
    }

private:
    FERRET_INLINE static __mmask16 first_lanes(std::size_t count) {
        return static_cast<__mmask16>(count < width ? (1u << count) - 1 : 0xFFFFu);
    }
    FERRET_INLINE static __m256i load_16_bits(const void* from) {
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
