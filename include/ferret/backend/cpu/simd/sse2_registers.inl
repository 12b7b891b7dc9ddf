// One 128-bit register: what SSE2 has no instruction for. Part of sse2.hpp.

namespace ferret::cpu::sse2 {

FERRET_INLINE __m128i shift_right64_by_32(__m128i a) {
    return _mm_srli_epi64(a, 32);
}
FERRET_INLINE __m128i shift_left64_by_32(__m128i a) {
    return _mm_slli_epi64(a, 32);
}
template <unsigned Bits>
FERRET_INLINE __m128i shift_left32(__m128i a) {
    return _mm_slli_epi32(a, Bits);
}
template <unsigned Bits>
FERRET_INLINE __m128i shift_right32(__m128i a) {
    return _mm_srli_epi32(a, Bits);
}
/// yes where the sign bit of `mask` is 1, no where it is 0.
FERRET_INLINE __m128i if_negative_then_else(__m128i mask, __m128i yes, __m128i no) {
    const __m128i all_bits = _mm_srai_epi32(mask, 31);
    return _mm_xor_si128(no, _mm_and_si128(all_bits, _mm_xor_si128(no, yes)));
}

FERRET_INLINE __m128i load32(const std::uint32_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
FERRET_INLINE void store32(std::uint32_t* to, __m128i a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), a);
}
FERRET_INLINE __m128 load_bfloat16(const bfloat16* from) {
    const __m128i bits = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), bits));
}
FERRET_INLINE void store_bfloat16(bfloat16* to, __m128 a) {
    // To nearest even: add half a step, less one where the kept part is even.
    const __m128i bits = _mm_castps_si128(a);
    const __m128i even = _mm_and_si128(_mm_srli_epi32(bits, 16), _mm_set1_epi32(1));
    const __m128i rounded = _mm_add_epi32(bits, _mm_add_epi32(even, _mm_set1_epi32(0x7FFF)));
    const __m128i quiet = if_negative_then_else(_mm_castps_si128(_mm_cmpunord_ps(a, a)),
                                                _mm_set1_epi32(0x7FC00000), rounded);
    // Packing saturates signed numbers, so they keep their sign.
    const __m128i high = _mm_srai_epi32(quiet, 16);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packs_epi32(high, high));
}

FERRET_INLINE __m128d promote_low(__m128 a) {
    return _mm_cvtps_pd(a);
}
FERRET_INLINE __m128d promote_high(__m128 a) {
    return _mm_cvtps_pd(_mm_movehl_ps(a, a));
}
FERRET_INLINE __m128 narrow(__m128d low, __m128d high) {
    return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}

/// p + c rounded to odd: of the two doubles around an inexact sum the one whose last bit is 1.
/// Math:   rounding that to float rounds the sum once. Two floats' middle ends in 0, so it is left for
///         a double beside it, on the sum's side, whenever the sum is not the middle itself
/// Source: Boldo and Melquiond, Emulation of a FMA and correctly rounded sums (2008); the error of a
///         sum is Knuth's
FERRET_INLINE __m128d add_to_odd(__m128d p, __m128d c) {
    const __m128d sum = _mm_add_pd(p, c);
    const __m128d c_part = _mm_sub_pd(sum, p);
    const __m128d error = _mm_add_pd(_mm_sub_pd(p, _mm_sub_pd(sum, c_part)), _mm_sub_pd(c, c_part));
    // The error of an infinite sum is no number, and is not above zero either.
    const __m128d magnitude = _mm_andnot_pd(_mm_set1_pd(-0.0), error);
    const __m128i inexact = _mm_castpd_si128(_mm_cmplt_pd(_mm_setzero_pd(), magnitude));
    // A sum too large in magnitude goes back by one, to what cutting off bits would have left.
    const __m128i is_over =
        _mm_srli_epi64(_mm_and_si128(inexact, _mm_castpd_si128(_mm_xor_pd(sum, error))), 63);
    return _mm_castsi128_pd(
        _mm_or_si128(_mm_sub_epi64(_mm_castpd_si128(sum), is_over), _mm_srli_epi64(inexact, 63)));
}

/// Not zero in a lane whose sum might round otherwise to `rounded` than by way of the double that it
/// was rounded to before: one in the middle of two floats, as its last 29 bits tell where floats are
/// not subnormal, or a small one.
FERRET_INLINE __m128 is_doubtful(__m128d low, __m128d high, __m128 rounded) {
    const __m128i low_words = _mm_castps_si128(
        _mm_shuffle_ps(_mm_castpd_ps(low), _mm_castpd_ps(high), _MM_SHUFFLE(2, 0, 2, 0)));
    const __m128i is_middle =
        _mm_cmpeq_epi32(_mm_slli_epi32(low_words, 3), _mm_set1_epi32(INT32_MIN));
    const __m128 is_small =
        _mm_cmple_ps(_mm_andnot_ps(_mm_set1_ps(-0.0f), rounded), _mm_set1_ps(0x1p-126f));
    return _mm_or_ps(_mm_castsi128_ps(is_middle), is_small);
}

/// value x + coefficient rounded to double and then to float.
/// Source: Veltkamp's splitting; Dekker, A floating-point technique for extending the available
///         precision (1971)
FERRET_INLINE __m128d horner_step(__m128d value, __m128d x, __m128d coefficient) {
    const __m128d sum = _mm_add_pd(_mm_mul_pd(value, x), coefficient);
    __m128d scaled = _mm_mul_pd(sum, _mm_set1_pd(0x1p29 + 1));
    asm("" : "+x"(scaled));  // so that no compiler fuses this product with the difference
    return _mm_add_pd(scaled, _mm_sub_pd(sum, scaled));
}

}  // namespace ferret::cpu::sse2
