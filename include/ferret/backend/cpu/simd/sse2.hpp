#pragma once

// g++ 12 loses sight of arrays of registers and warns that they may be undefined.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../../tensor/dtype.hpp"
#include "../../../wire/normal_levels.hpp"
#include "../few_bits_kernels.hpp"
#include "../fingerprint_kernels.hpp"
#include "../kernels.hpp"
#include "portable.hpp"

// Every x86-64 processor has SSE2, so no function needs a target of its own.
#define FERRET_TARGET
#define FERRET_INLINE [[gnu::always_inline]] inline

#include "sse2_registers.inl"

namespace ferret::cpu::sse2 {

/// Four 128-bit registers: 8 words in 64-bit lanes, or 16 floats. Without a fused multiply-add one is
/// made of many instructions that wait for each other; four registers' worth of them overlap.
struct Simd {
    static constexpr std::size_t registers = 4;
    struct Words {
        __m128i part[registers];
    };
    struct Floats {
        __m128 part[registers];
    };
    struct HalfDoubles {
        __m128d part[registers];
    };
    struct Doubles {
        HalfDoubles low, high;  ///< of floats 0 and 1, and of floats 2 and 3, of every register
    };
    static constexpr std::size_t width = 4 * registers;
    static constexpr std::size_t bases_at_once = 2;
    static constexpr bool is_parallel_alone = true;
    static constexpr bool converts_slowly = true;

    FERRET_INLINE static Words set64(std::uint64_t value) {
        return all<Words>(_mm_set1_epi64x(static_cast<long long>(value)));
    }
    FERRET_INLINE static Words iota64() {
        return {_mm_set_epi64x(1, 0), _mm_set_epi64x(3, 2), _mm_set_epi64x(5, 4),
                _mm_set_epi64x(7, 6)};
    }
    FERRET_INLINE static Words add64(Words a, Words b) { return each<Words, _mm_add_epi64>(a, b); }
    FERRET_INLINE static Words mul_even32(Words a, Words b) {
        return each<Words, _mm_mul_epu32>(a, b);
    }
    FERRET_INLINE static Words shift_right64_by_32(Words a) {
        return each<Words, sse2::shift_right64_by_32>(a);
    }
    FERRET_INLINE static Words shift_left64_by_32(Words a) {
        return each<Words, sse2::shift_left64_by_32>(a);
    }
    FERRET_INLINE static Words bit_xor(Words a, Words b) {
        return each<Words, _mm_xor_si128>(a, b);
    }
    FERRET_INLINE static Words bit_xor(Words a, Words b, Words c) {
        return bit_xor(bit_xor(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE static Words shift_left32(Words a) {
        return each<Words, sse2::shift_left32<Bits>>(a);
    }
    template <unsigned Bits>
    FERRET_INLINE static Words shift_right32(Words a) {
        return each<Words, sse2::shift_right32<Bits>>(a);
    }
    FERRET_INLINE static Words set32(std::uint32_t value) {
        return all<Words>(_mm_set1_epi32(static_cast<int>(value)));
    }
    FERRET_INLINE static Words add32(Words a, Words b) { return each<Words, _mm_add_epi32>(a, b); }
    FERRET_INLINE static Words sub32(Words a, Words b) { return each<Words, _mm_sub_epi32>(a, b); }
    FERRET_INLINE static Words bit_and(Words a, Words b) {
        return each<Words, _mm_and_si128>(a, b);
    }
    FERRET_INLINE static Words bit_or(Words a, Words b) { return each<Words, _mm_or_si128>(a, b); }
    FERRET_INLINE static Words and_or(Words a, Words mask, Words bits) {
        return bit_or(bit_and(a, mask), bits);
    }
    FERRET_INLINE static Words if_negative_then_else(Words mask, Words yes, Words no) {
        return each<Words, sse2::if_negative_then_else>(mask, yes, no);
    }
    FERRET_INLINE static Floats if_negative_then_else(Words mask, Floats yes, Floats no) {
        return bit_cast_float(if_negative_then_else(mask, bit_cast_words(yes), bit_cast_words(no)));
    }

    FERRET_INLINE static Floats set(float value) { return all<Floats>(_mm_set1_ps(value)); }
    FERRET_INLINE static Floats load(const float* from) {
        return load_each<Floats, _mm_loadu_ps>(from);
    }
    FERRET_INLINE static void store(float* to, Floats a) { store_each<_mm_storeu_ps>(to, a); }
    FERRET_INLINE static Floats convert_to_float(Words a) {
        return each<Floats, _mm_cvtepi32_ps>(a);
    }
    FERRET_INLINE static Floats bit_cast_float(Words a) {
        return each<Floats, _mm_castsi128_ps>(a);
    }
    FERRET_INLINE static Words bit_cast_words(Floats a) { return each<Words, _mm_castps_si128>(a); }
    FERRET_INLINE static Floats add(Floats a, Floats b) { return each<Floats, _mm_add_ps>(a, b); }
    FERRET_INLINE static Floats sub(Floats a, Floats b) { return each<Floats, _mm_sub_ps>(a, b); }
    FERRET_INLINE static Floats mul(Floats a, Floats b) { return each<Floats, _mm_mul_ps>(a, b); }
    FERRET_INLINE static Floats sqrt(Floats a) { return each<Floats, _mm_sqrt_ps>(a); }
    FERRET_INLINE static Floats flip_sign(Floats a, Words signs) {
        return bit_cast_float(bit_xor(bit_cast_words(a), bit_and(signs, set32(0x80000000u))));
    }
    /// a b + c, rounded once.
    /// Math:   a b is exact in double, and rounding the sum to double and then to float is nearly
    ///         always rounding it once. Where it may not be, the double is rounded to odd
    FERRET_INLINE static Floats mul_add(Floats a, Floats b, Floats c) {
        const Doubles product = multiply(promote(a), promote(b));
        const Doubles addend = promote(c);
        const Doubles sum = add(product, addend);
        const Floats result = each<Floats, narrow>(sum.low, sum.high);
        const auto [d0, d1, d2, d3] = each<Floats, is_doubtful>(sum.low, sum.high, result).part;
        if (_mm_movemask_ps(_mm_or_ps(_mm_or_ps(d0, d1), _mm_or_ps(d2, d3))) == 0) [[likely]]
            return result;
        return each<Floats, narrow>(each<HalfDoubles, add_to_odd>(product.low, addend.low),
                                    each<HalfDoubles, add_to_odd>(product.high, addend.high));
    }

    /// Gaussian's polynomials by Horner's rule, in doubles that hold floats.
    /// Math:   each step is rounded to double and then to float. That is rounding it once for every
    ///         number that Gaussian evaluates them at: there are at most 2^24, and the tests try all
    template <std::size_t Terms>
    FERRET_INLINE static Floats gaussian_polynomial(const std::array<float, Terms>& coefficients,
                                                    Floats x) {
        const Doubles at = promote(x);
        Doubles value = promote(set(coefficients[0]));
        FERRET_UNROLL for (std::size_t n = 1; n < Terms; ++n) {
            const auto coefficient =
                all<HalfDoubles>(_mm_set1_pd(static_cast<double>(coefficients[n])));
            value = {each<HalfDoubles, horner_step>(value.low, at.low, coefficient),
                     each<HalfDoubles, horner_step>(value.high, at.high, coefficient)};
        }
        return each<Floats, narrow>(value.low, value.high);
    }
    /// Gaussian's other fused multiply-adds, likewise.
    /// Math:   that of the mantissa's logarithm is of the same numbers. The last, which adds a multiple
    ///         of 2^-20 under 2^6 to one of 2^-47, is exact in double
    FERRET_INLINE static Floats gaussian_fma(Floats a, Floats b, Floats c) {
        const Doubles sum = mul_add(promote(a), promote(b), promote(c));
        return each<Floats, narrow>(sum.low, sum.high);
    }

    FERRET_INLINE static Floats load(const bfloat16* from) {
        return load_each<Floats, load_bfloat16>(from);
    }
    FERRET_INLINE static Floats load(const half* from) {
        float values[width];
        for (std::size_t i = 0; i < width; ++i) values[i] = static_cast<float>(from[i]);
        return load(values);
    }
    template <class T>
    FERRET_INLINE static Floats load_n(const T* from, std::size_t count) {
        T part[width] = {};
        std::memcpy(part, from, (std::min)(count, width) * sizeof(T));
        return load(part);
    }
    FERRET_INLINE static void store(bfloat16* to, Floats a) { store_each<store_bfloat16>(to, a); }
    FERRET_INLINE static void store(half* to, Floats a) {
        float values[width];
        store(values, a);
        for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<half>(values[i]);
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE static Words load64(const void* from) {
        const auto* bytes = static_cast<const __m128i*>(from);
        return {_mm_loadu_si128(bytes), _mm_loadu_si128(bytes + 1), _mm_loadu_si128(bytes + 2),
                _mm_loadu_si128(bytes + 3)};
    }
    FERRET_INLINE static Words load32(const std::uint32_t* from) {
        return load_each<Words, sse2::load32>(from);
    }
    FERRET_INLINE static void store32(std::uint32_t* to, Words a) {
        store_each<sse2::store32>(to, a);
    }
    FERRET_INLINE static Words shift_left32_each(Words a, Words bits) {
        std::uint32_t values[width], counts[width];
        store32(values, a);
        store32(counts, bits);
        for (std::size_t i = 0; i < width; ++i) values[i] <<= counts[i];
        return load32(values);
    }

    FERRET_INLINE static Doubles promote(Floats a) {
        return {each<HalfDoubles, promote_low>(a), each<HalfDoubles, promote_high>(a)};
    }
    FERRET_INLINE static Doubles load(const double* from) {
        return {load_each<HalfDoubles, _mm_loadu_pd>(from),
                load_each<HalfDoubles, _mm_loadu_pd>(from + 2)};
    }
    FERRET_INLINE static void store(double* to, Doubles a) {
        store_each<_mm_storeu_pd>(to, a.low);
        store_each<_mm_storeu_pd>(to + 2, a.high);
    }
    FERRET_INLINE static Doubles add(Doubles a, Doubles b) {
        return {each<HalfDoubles, _mm_add_pd>(a.low, b.low),
                each<HalfDoubles, _mm_add_pd>(a.high, b.high)};
    }
    /// a b + c of widened floats a and b, whose product is exact.
    FERRET_INLINE static Doubles mul_add(Doubles a, Doubles b, Doubles c) {
        return add(multiply(a, b), c);
    }

private:
    FERRET_INLINE static Doubles multiply(Doubles a, Doubles b) {
        return {each<HalfDoubles, _mm_mul_pd>(a.low, b.low),
                each<HalfDoubles, _mm_mul_pd>(a.high, b.high)};
    }
    template <class Vector, class Register>
    FERRET_INLINE static Vector all(Register value) {
        return {value, value, value, value};
    }
    /// operation(register i of every vector) for each i.
    template <class Result, auto operation, class... Vectors>
    FERRET_INLINE static Result each(const Vectors&... vectors) {
        return {operation(vectors.part[0]...), operation(vectors.part[1]...),
                operation(vectors.part[2]...), operation(vectors.part[3]...)};
    }
    template <class Result, auto load, class T>
    FERRET_INLINE static Result load_each(const T* from) {
        return {load(from), load(from + 4), load(from + 8), load(from + 12)};
    }
    template <auto store, class T, class Vector>
    FERRET_INLINE static void store_each(T* to, const Vector& vector) {
        for (std::size_t i = 0; i < registers; ++i) store(to + 4 * i, vector.part[i]);
    }
};

// Sixteen floats in four registers each and an emulated multiply-add made 85% of all code for few bits,
// which every program that encodes a sketch would compile, for processors that hardly anybody has.
using portable::FewBitsLoops;

}  // namespace ferret::cpu::sse2

#define FERRET_SIMD_NAMESPACE sse2
#define FERRET_SIMD_PLAIN_FEW_BITS
#include "loops.inl"
#undef FERRET_SIMD_PLAIN_FEW_BITS
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
