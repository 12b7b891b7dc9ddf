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

#include "../../../tensor/dtype.hpp"

// Every x86-64 processor has SSE2, so no function needs a target of its own.
#define FERRET_TARGET
#define FERRET_INLINE [[gnu::always_inline]] static inline

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

    FERRET_INLINE Words words(std::uint64_t value) {
        return all<Words>(_mm_set1_epi64x(static_cast<long long>(value)));
    }
    FERRET_INLINE Words iota() {
        return {_mm_set_epi64x(1, 0), _mm_set_epi64x(3, 2), _mm_set_epi64x(5, 4),
                _mm_set_epi64x(7, 6)};
    }
    FERRET_INLINE Words add(Words a, Words b) { return each<Words, _mm_add_epi64>(a, b); }
    FERRET_INLINE Words multiply(Words a, Words b) { return each<Words, _mm_mul_epu32>(a, b); }
    FERRET_INLINE Words high_half(Words a) { return each<Words, sse2::high_half>(a); }
    FERRET_INLINE Words to_high_half(Words a) { return each<Words, sse2::to_high_half>(a); }
    FERRET_INLINE Words exclusive_or(Words a, Words b) { return each<Words, _mm_xor_si128>(a, b); }
    FERRET_INLINE Words exclusive_or(Words a, Words b, Words c) {
        return exclusive_or(exclusive_or(b, c), a);
    }

    template <unsigned Bits>
    FERRET_INLINE Words shift_left(Words a) {
        return each<Words, sse2::shift_left<Bits>>(a);
    }
    template <unsigned Bits>
    FERRET_INLINE Words shift_right(Words a) {
        return each<Words, sse2::shift_right<Bits>>(a);
    }
    FERRET_INLINE Words integers(std::uint32_t value) {
        return all<Words>(_mm_set1_epi32(static_cast<int>(value)));
    }
    FERRET_INLINE Words add_integers(Words a, Words b) { return each<Words, _mm_add_epi32>(a, b); }
    FERRET_INLINE Words subtract_integers(Words a, Words b) {
        return each<Words, _mm_sub_epi32>(a, b);
    }
    FERRET_INLINE Words both(Words a, Words b) { return each<Words, _mm_and_si128>(a, b); }
    FERRET_INLINE Words either(Words a, Words b) { return each<Words, _mm_or_si128>(a, b); }
    FERRET_INLINE Words mask_or(Words a, Words mask, Words bits) {
        return either(both(a, mask), bits);
    }
    FERRET_INLINE Words choose_words(Words chooser, Words a, Words b) {
        return each<Words, sse2::choose>(chooser, a, b);
    }
    FERRET_INLINE Floats choose(Words chooser, Floats a, Floats b) {
        return as_floats(choose_words(chooser, as_integers(a), as_integers(b)));
    }

    FERRET_INLINE Floats floats(float value) { return all<Floats>(_mm_set1_ps(value)); }
    FERRET_INLINE Floats load(const float* from) { return load_each<Floats, _mm_loadu_ps>(from); }
    FERRET_INLINE void store(float* to, Floats a) { store_each<_mm_storeu_ps>(to, a); }
    FERRET_INLINE Floats from_integers(Words a) { return each<Floats, _mm_cvtepi32_ps>(a); }
    FERRET_INLINE Floats as_floats(Words a) { return each<Floats, _mm_castsi128_ps>(a); }
    FERRET_INLINE Words as_integers(Floats a) { return each<Words, _mm_castps_si128>(a); }
    FERRET_INLINE Floats add(Floats a, Floats b) { return each<Floats, _mm_add_ps>(a, b); }
    FERRET_INLINE Floats subtract(Floats a, Floats b) { return each<Floats, _mm_sub_ps>(a, b); }
    FERRET_INLINE Floats multiply(Floats a, Floats b) { return each<Floats, _mm_mul_ps>(a, b); }
    FERRET_INLINE Floats square_root(Floats a) { return each<Floats, _mm_sqrt_ps>(a); }
    FERRET_INLINE Floats flip_sign(Floats a, Words signs) {
        return as_floats(exclusive_or(as_integers(a), both(signs, integers(0x80000000u))));
    }
    /// a b + c, rounded once.
    /// Math:   a b is exact in double, and rounding the sum to double and then to float is nearly
    ///         always rounding it once. Where it may not be, the double is rounded to odd
    FERRET_INLINE Floats fma(Floats a, Floats b, Floats c) {
        const Doubles product = multiply(widen(a), widen(b));
        const Doubles addend = widen(c);
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
    FERRET_INLINE Floats gaussian_polynomial(const std::array<float, Terms>& coefficients,
                                             Floats x) {
        const Doubles at = widen(x);
        Doubles value = widen(floats(coefficients[0]));
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
    FERRET_INLINE Floats gaussian_fma(Floats a, Floats b, Floats c) {
        const Doubles sum = fma(widen(a), widen(b), widen(c));
        return each<Floats, narrow>(sum.low, sum.high);
    }

    FERRET_INLINE Floats load(const bfloat16* from) {
        return load_each<Floats, load_bfloat16>(from);
    }
    FERRET_INLINE Floats load(const half* from) {
        float values[width];
        for (std::size_t i = 0; i < width; ++i) values[i] = static_cast<float>(from[i]);
        return load(values);
    }
    template <class T>
    FERRET_INLINE Floats load_part(const T* from, std::size_t count) {
        T part[width] = {};
        std::copy_n(from, (std::min)(count, width), part);
        return load(part);
    }
    FERRET_INLINE void store(bfloat16* to, Floats a) { store_each<store_bfloat16>(to, a); }
    FERRET_INLINE void store(half* to, Floats a) {
        float values[width];
        store(values, a);
        for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<half>(values[i]);
    }
    /// 64-bit lanes of memory of any type.
    FERRET_INLINE Words load_words(const void* from) {
        const auto* bytes = static_cast<const __m128i*>(from);
        return {_mm_loadu_si128(bytes), _mm_loadu_si128(bytes + 1), _mm_loadu_si128(bytes + 2),
                _mm_loadu_si128(bytes + 3)};
    }
    FERRET_INLINE Words load_integers(const std::uint32_t* from) {
        return load_each<Words, sse2::load_integers>(from);
    }
    FERRET_INLINE void store_integers(std::uint32_t* to, Words a) {
        store_each<sse2::store_integers>(to, a);
    }
    FERRET_INLINE Words shift_left_each(Words a, Words bits) {
        std::uint32_t values[width], counts[width];
        store_integers(values, a);
        store_integers(counts, bits);
        for (std::size_t i = 0; i < width; ++i) values[i] <<= counts[i];
        return load_integers(values);
    }

    FERRET_INLINE Doubles widen(Floats a) {
        return {each<HalfDoubles, widen_low>(a), each<HalfDoubles, widen_high>(a)};
    }
    FERRET_INLINE Doubles load(const double* from) {
        return {load_each<HalfDoubles, _mm_loadu_pd>(from),
                load_each<HalfDoubles, _mm_loadu_pd>(from + 2)};
    }
    FERRET_INLINE void store(double* to, Doubles a) {
        store_each<_mm_storeu_pd>(to, a.low);
        store_each<_mm_storeu_pd>(to + 2, a.high);
    }
    FERRET_INLINE Doubles add(Doubles a, Doubles b) {
        return {each<HalfDoubles, _mm_add_pd>(a.low, b.low),
                each<HalfDoubles, _mm_add_pd>(a.high, b.high)};
    }
    /// a b + c of widened floats a and b, whose product is exact.
    FERRET_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) { return add(multiply(a, b), c); }

private:
    FERRET_INLINE Doubles multiply(Doubles a, Doubles b) {
        return {each<HalfDoubles, _mm_mul_pd>(a.low, b.low),
                each<HalfDoubles, _mm_mul_pd>(a.high, b.high)};
    }
    template <class Vector, class Register>
    FERRET_INLINE Vector all(Register value) {
        return {value, value, value, value};
    }
    /// operation(register i of every vector) for each i.
    template <class Result, auto operation, class... Vectors>
    FERRET_INLINE Result each(const Vectors&... vectors) {
        return {operation(vectors.part[0]...), operation(vectors.part[1]...),
                operation(vectors.part[2]...), operation(vectors.part[3]...)};
    }
    template <class Result, auto load, class T>
    FERRET_INLINE Result load_each(const T* from) {
        return {load(from), load(from + 4), load(from + 8), load(from + 12)};
    }
    template <auto store, class T, class Vector>
    FERRET_INLINE void store_each(T* to, const Vector& vector) {
        for (std::size_t i = 0; i < registers; ++i) store(to + 4 * i, vector.part[i]);
    }
};

}  // namespace ferret::cpu::sse2

#define FERRET_SIMD_NAMESPACE sse2
#include "loops.inl"
#undef FERRET_SIMD_NAMESPACE
#undef FERRET_INLINE
#undef FERRET_TARGET

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
