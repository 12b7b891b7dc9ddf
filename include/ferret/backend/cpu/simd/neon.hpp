#pragma once

#include <arm_neon.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../../tensor/dtype.hpp"

// Every aarch64 processor has NEON, so no function needs a target of its own.
#define FERRET_TARGET
#define FERRET_INLINE [[gnu::always_inline]] static inline

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

    FERRET_INLINE Words words(std::uint64_t value) {
        return vreinterpretq_u32_u64(vdupq_n_u64(value));
    }
    FERRET_INLINE Words iota() {
        return vreinterpretq_u32_u64(vcombine_u64(vcreate_u64(0), vcreate_u64(1)));
    }
    FERRET_INLINE Words add(Words a, Words b) {
        return vreinterpretq_u32_u64(vaddq_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
    }
    FERRET_INLINE Words multiply(Words a, Words b) {
        return vreinterpretq_u32_u64(vmull_u32(low_halves(a), low_halves(b)));
    }
    FERRET_INLINE Words high_half(Words a) {
        return vreinterpretq_u32_u64(vshrq_n_u64(vreinterpretq_u64_u32(a), 32));
    }
    FERRET_INLINE Words to_high_half(Words a) {
        return vreinterpretq_u32_u64(vshlq_n_u64(vreinterpretq_u64_u32(a), 32));
    }
    FERRET_INLINE Words exclusive_or(Words a, Words b) { return veorq_u32(a, b); }
    FERRET_INLINE Words exclusive_or(Words a, Words b, Words c) {
        return veorq_u32(veorq_u32(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE Words shift_left(Words a) {
        return vshlq_n_u32(a, Bits);
    }
    template <unsigned Bits>
    FERRET_INLINE Words shift_right(Words a) {
        return vshrq_n_u32(a, Bits);
    }
    FERRET_INLINE Words integers(std::uint32_t value) { return vdupq_n_u32(value); }
    FERRET_INLINE Words subtract_integers(Words a, Words b) { return vsubq_u32(a, b); }
    FERRET_INLINE Words both(Words a, Words b) { return vandq_u32(a, b); }
    FERRET_INLINE Words either(Words a, Words b) { return vorrq_u32(a, b); }
    FERRET_INLINE Words mask_or(Words a, Words mask, Words bits) {
        return either(both(a, mask), bits);
    }
    FERRET_INLINE Floats choose(Words chooser, Floats a, Floats b) {
        return vbslq_f32(vcltzq_s32(vreinterpretq_s32_u32(chooser)), b, a);
    }

    FERRET_INLINE Floats floats(float value) { return vdupq_n_f32(value); }
    FERRET_INLINE Floats load(const float* from) { return vld1q_f32(from); }
    FERRET_INLINE void store(float* to, Floats a) { vst1q_f32(to, a); }
    FERRET_INLINE Floats from_integers(Words a) { return vcvtq_f32_s32(vreinterpretq_s32_u32(a)); }
    FERRET_INLINE Floats as_floats(Words a) { return vreinterpretq_f32_u32(a); }
    FERRET_INLINE Words as_integers(Floats a) { return vreinterpretq_u32_f32(a); }
    FERRET_INLINE Floats add(Floats a, Floats b) { return vaddq_f32(a, b); }
    FERRET_INLINE Floats multiply(Floats a, Floats b) { return vmulq_f32(a, b); }
    FERRET_INLINE Floats fma(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
    FERRET_INLINE Floats square_root(Floats a) { return vsqrtq_f32(a); }
    FERRET_INLINE Floats flip_sign(Floats a, Words signs) {
        return as_floats(exclusive_or(as_integers(a), both(signs, integers(0x80000000u))));
    }

    FERRET_INLINE Floats load(const bfloat16* from) {
        return as_floats(vshll_n_u16(load_16_bits(from), 16));
    }
    FERRET_INLINE Floats load(const half* from) {
        return vcvt_f32_f16(vreinterpret_f16_u16(load_16_bits(from)));
    }
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
        const uint16x4_t rounded =
            vshrn_n_u32(vaddq_u32(bits, vaddq_u32(even, integers(0x7FFFu))), 16);
        const uint16x4_t ordered = vmovn_u32(vceqq_f32(a, a));
        store_16_bits(to, vbsl_u16(ordered, rounded, vdup_n_u16(0x7FC0u)));
    }
    FERRET_INLINE void store(half* to, Floats a) {
        store_16_bits(to, vreinterpret_u16_f16(vcvt_f16_f32(a)));
    }
    FERRET_INLINE Words load_words(const void* from) {
        Words words;
        std::memcpy(&words, from, sizeof words);
        return words;
    }
    FERRET_INLINE Words load_integers(const std::uint32_t* from) { return vld1q_u32(from); }
    FERRET_INLINE void store_integers(std::uint32_t* to, Words a) { vst1q_u32(to, a); }
    FERRET_INLINE Words shift_left_each(Words a, Words bits) {
        return vshlq_u32(a, vreinterpretq_s32_u32(bits));
    }
    FERRET_INLINE Words add_integers(Words a, Words b) { return vaddq_u32(a, b); }
    FERRET_INLINE Words choose_words(Words chooser, Words a, Words b) {
        return as_integers(choose(chooser, as_floats(a), as_floats(b)));
    }
    FERRET_INLINE Floats subtract(Floats a, Floats b) { return vsubq_f32(a, b); }

    FERRET_INLINE Doubles widen(Floats a) {
        return {vcvt_f64_f32(vget_low_f32(a)), vcvt_high_f64_f32(a)};
    }
    FERRET_INLINE Doubles load(const double* from) {
        return {vld1q_f64(from), vld1q_f64(from + 2)};
    }
    FERRET_INLINE void store(double* to, Doubles a) {
        vst1q_f64(to, a.low);
        vst1q_f64(to + 2, a.high);
    }
    FERRET_INLINE Doubles add(Doubles a, Doubles b) {
        return {vaddq_f64(a.low, b.low), vaddq_f64(a.high, b.high)};
    }
    FERRET_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) {
        return {vfmaq_f64(c.low, a.low, b.low), vfmaq_f64(c.high, a.high, b.high)};
    }

private:
    FERRET_INLINE uint32x2_t low_halves(Words a) { return vmovn_u64(vreinterpretq_u64_u32(a)); }
    FERRET_INLINE uint16x4_t load_16_bits(const void* from) {
        uint16x4_t bits;
        std::memcpy(&bits, from, sizeof bits);
        return bits;
    }
    FERRET_INLINE void store_16_bits(void* to, uint16x4_t bits) {
        std::memcpy(to, &bits, sizeof bits);
    }
};

}  // namespace ferret::cpu::neon

#define FERRET_SIMD_NAMESPACE neon
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET
