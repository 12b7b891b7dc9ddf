#pragma once

#include <arm_neon.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../../tensor/dtype.hpp"
#include "../../../wire/normal_levels.hpp"
#include "../few_bits_kernels.hpp"
#include "../fingerprint_kernels.hpp"
#include "../kernels.hpp"

// Every aarch64 processor has NEON, so no function needs a target of its own.
#define FERRET_TARGET
#define FERRET_INLINE [[gnu::always_inline]] inline

namespace ferret::cpu::neon {

/// 128-bit vectors: 2 words in 64-bit lanes, or 4 floats.
struct Simd {
    using Words = uint32x4_t;
    using Floats = float32x4_t;
    struct Doubles {
        float64x2_t low, high;
    };
    static constexpr std::size_t width = 4;
    // A basis takes 8 of the 32 registers, 4 for its Philox state and 4 for the sums of a row; for
    // two that leaves 16 for products, multipliers and round keys, for four none.
    static constexpr std::size_t bases_at_once = 2;
    static constexpr bool is_parallel_alone = false;
    static constexpr bool converts_slowly = false;

    FERRET_INLINE static Words set64(std::uint64_t value) {
        return vreinterpretq_u32_u64(vdupq_n_u64(value));
    }
    FERRET_INLINE static Words iota64() {
        return vreinterpretq_u32_u64(vcombine_u64(vcreate_u64(0), vcreate_u64(1)));
    }
    FERRET_INLINE static Words add64(Words a, Words b) {
        return vreinterpretq_u32_u64(vaddq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
    }
    FERRET_INLINE static Words mul_even32(Words a, Words b) {
        return vreinterpretq_u32_u64(vmull_u32(low_halves(a), low_halves(b)));
    }
    FERRET_INLINE static Words shift_right64_by_32(Words a) {
        return vreinterpretq_u32_u64(vshrq_n_u64(vreinterpretq_u64_u32(a), 32));
    }
    FERRET_INLINE static Words shift_left64_by_32(Words a) {
        return vreinterpretq_u32_u64(vshlq_n_u64(vreinterpretq_u64_u32(a), 32));
    }
    FERRET_INLINE static Words bit_xor(Words a, Words b) { return veorq_u32(a, b); }
    FERRET_INLINE static Words bit_xor(Words a, Words b, Words c) {
        return veorq_u32(veorq_u32(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE static Words shift_left32(Words a) {
        return vshlq_n_u32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE static Words shift_right32(Words a) {
        return vshrq_n_u32(a, Bits);
    }
    FERRET_INLINE static Words set32(std::uint32_t value) { return vdupq_n_u32(value); }
    FERRET_INLINE static Words sub32(Words a, Words b) { return vsubq_u32(a, b); }
    FERRET_INLINE static Words bit_and(Words a, Words b) { return vandq_u32(a, b); }
    FERRET_INLINE static Words bit_or(Words a, Words b) { return vorrq_u32(a, b); }
    FERRET_INLINE static Words and_or(Words a, Words mask, Words bits) {
        return bit_or(bit_and(a, mask), bits);
    }
    FERRET_INLINE static Floats if_negative_then_else(Words mask, Floats yes, Floats no) {
        return vbslq_f32(vcltzq_s32(vreinterpretq_s32_u32(mask)), yes, no);
    }

    FERRET_INLINE static Floats set(float value) { return vdupq_n_f32(value); }
    FERRET_INLINE static Floats load(const float* from) { return vld1q_f32(from); }
    FERRET_INLINE static void store(float* to, Floats a) { vst1q_f32(to, a); }
    FERRET_INLINE static Floats convert_to_float(Words a) {
        return vcvtq_f32_s32(vreinterpretq_s32_u32(a));
    }
    FERRET_INLINE static Floats bit_cast_float(Words a) { return vreinterpretq_f32_u32(a); }
    FERRET_INLINE static Words bit_cast_words(Floats a) { return vreinterpretq_u32_f32(a); }
    FERRET_INLINE static Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
    FERRET_INLINE static Floats mul(Floats a, Floats b) { return vmulq_f32(a, b); }
    FERRET_INLINE static Floats mul_add(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
    FERRET_INLINE static Floats sqrt(Floats a) { return vsqrtq_f32(a); }
    /// a[i] + a[i ^ Distance] in lanes i without the bit Distance, a[i ^ Distance] - a[i] in those with it.
    template <unsigned Distance>
    FERRET_INLINE static Floats butterfly(Floats a) {
        // Times 1 or -1 is exact.
        const Floats signs = load(pair_signs<width, Distance>.data());
        if constexpr (Distance == 1) return mul_add(a, signs, vrev64q_f32(a));
        if constexpr (Distance == 2) return mul_add(a, signs, vextq_f32(a, a, 2));
    }
    /// Bit i is the sign bit of the 32-bit lane i.
    FERRET_INLINE static std::uint32_t sign_bits(Words a) {
        constexpr std::int32_t places[4] = {0, 1, 2, 3};
        return vaddvq_u32(vshlq_u32(vshrq_n_u32(a, 31), vld1q_s32(places)));
    }
    FERRET_INLINE static Floats flip_sign(Floats a, Words signs) {
        return bit_cast_float(bit_xor(bit_cast_words(a), bit_and(signs, set32(0x80000000u))));
    }

    FERRET_INLINE static Floats load(const bfloat16* from) {
        return bit_cast_float(vshll_n_u16(load_16_bits(from), 16));
    }
    FERRET_INLINE static Floats load(const half* from) {
        return vcvt_f32_f16(vreinterpret_f16_u16(load_16_bits(from)));
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
        const uint16x4_t rounded =
            vshrn_n_u32(vaddq_u32(bits, vaddq_u32(even, set32(0x7FFFu))), 16);
        const uint16x4_t ordered = vmovn_u32(vceqq_f32(a, a));
        store_16_bits(to, vbsl_u16(ordered, rounded, vdup_n_u16(0x7FC0u)));
    }
    FERRET_INLINE static void store(half* to, Floats a) {
        store_16_bits(to, vreinterpret_u16_f16(vcvt_f16_f32(a)));
    }
    FERRET_INLINE static Words load64(const void* from) {
        Words words;
        std::memcpy(&words, from, sizeof words);
        return words;
    }
    FERRET_INLINE static Words load32(const std::uint32_t* from) { return vld1q_u32(from); }
    FERRET_INLINE static void store32(std::uint32_t* to, Words a) { vst1q_u32(to, a); }
    FERRET_INLINE static Words shift_left32_each(Words a, Words bits) {
        return vshlq_u32(a, vreinterpretq_s32_u32(bits));
    }
    FERRET_INLINE static Words add32(Words a, Words b) { return vaddq_u32(a, b); }
    FERRET_INLINE static Words if_negative_then_else(Words mask, Words yes, Words no) {
        return bit_cast_words(if_negative_then_else(mask, bit_cast_float(yes), bit_cast_float(no)));
    }
    FERRET_INLINE static Floats sub(Floats a, Floats b) { return vsubq_f32(a, b); }

    FERRET_INLINE static Doubles promote(Floats a) {
        return {vcvt_f64_f32(vget_low_f32(a)), vcvt_high_f64_f32(a)};
    }
    FERRET_INLINE static Doubles load(const double* from) {
        return {vld1q_f64(from), vld1q_f64(from + 2)};
    }
    FERRET_INLINE static void store(double* to, Doubles a) {
        vst1q_f64(to, a.low);
        vst1q_f64(to + 2, a.high);
    }
    FERRET_INLINE static Doubles add(Doubles a, Doubles b) {
        return {vaddq_f64(a.low, b.low), vaddq_f64(a.high, b.high)};
    }
    FERRET_INLINE static Doubles mul_add(Doubles a, Doubles b, Doubles c) {
        return {vfmaq_f64(c.low, a.low, b.low), vfmaq_f64(c.high, a.high, b.high)};
    }

private:
    FERRET_INLINE static uint32x2_t low_halves(Words a) {
        return vmovn_u64(vreinterpretq_u64_u32(a));
    }
    FERRET_INLINE static uint16x4_t load_16_bits(const void* from) {
        uint16x4_t bits;
        std::memcpy(&bits, from, sizeof bits);
        return bits;
    }
    FERRET_INLINE static void store_16_bits(void* to, uint16x4_t bits) {
        std::memcpy(to, &bits, sizeof bits);
    }
};

}  // namespace ferret::cpu::neon

#define FERRET_SIMD_NAMESPACE neon
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET
