// Random words, one counter in each 64-bit lane. Part of loops.inl.
//
// Everything here is written once over `Simd` and compiled for each target. FERRET_TARGET or
// FERRET_INLINE stands on every function that handles vectors; lambdas would not inherit it.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Vectors that hold one canonical row of 16 lanes.
inline constexpr std::size_t vectors_per_row = lanes / Simd::width;
inline constexpr std::size_t counters_per_vector = Simd::width / 2;

/// Philox4x32-10 for N bases over counters whose high words are the same.
///
/// Math:   the element counter is in word 0 and the basis in word 2, so in round 1 the product of
///         word 2, and in round 2 the product of word 0, are the same for all counters, and the
///         other product of round 1 is the same for all bases. That leaves 17 multiplications of 20
///         and a quarter. The last round writes both words of a product into one 64-bit lane.
template <std::size_t N>
class PhiloxLanes {
public:
    using Words = typename Simd::Words;

    FERRET_INLINE void start(const WordSource& source, std::uint32_t call_high) {
        std::uint32_t key0 = source.key[0];
        std::uint32_t key1 = source.key[1];
        std::uint32_t keys0[10];
        std::uint32_t keys1[10];
        for (int round = 0; round < 10; ++round) {
            keys0[round] = key0;
            keys1[round] = key1;
            keys0_[round] = Simd::set64(key0);
            keys1_[round] = Simd::set64(key1);
            key0 += philox_key_steps[0];
            key1 += philox_key_steps[1];
        }
        keys0_[9] = Simd::shift_left64_by_32(keys0_[9]);
        keys1_[9] = Simd::shift_left64_by_32(keys1_[9]);
        round1_word2_ = Simd::set64(source.block ^ keys1[0]);
        for (std::size_t n = 0; n < N; ++n) {
            const std::uint64_t product1 =
                std::uint64_t{multiplier1} * (source.basis + static_cast<std::uint32_t>(n));
            const std::uint32_t word0 = high_word(product1) ^ call_high ^ keys0[0];
            const std::uint64_t product0 = std::uint64_t{multiplier0} * word0;
            round2_word0_[n] = Simd::set64(low_word(product1) ^ keys0[1]);
            round2_word2_[n] = Simd::set64(high_word(product0) ^ keys1[1]);
            round3_word2_[n] = Simd::set64(low_word(product0) ^ keys1[2]);
        }
    }

    /// The words of half 0 and of half 1 of the calls first + 0, 1, ...
    FERRET_INLINE void generate(Words counters, Words (&half0)[N], Words (&half1)[N]) const {
        const Words m0 = Simd::set64(multiplier0);
        const Words m1 = Simd::set64(multiplier1);
        const Words first = Simd::mul_even32(counters, m0);
        const Words word2 = Simd::bit_xor(Simd::shift_right64_by_32(first), round1_word2_);
        const Words second = Simd::mul_even32(word2, m1);
        Words c0[N], c1[N], c2[N], c3[N];
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            // Round 2; the words above the low 32 bits of a lane are garbage that no product reads.
            c0[n] = Simd::bit_xor(Simd::shift_right64_by_32(second), round2_word0_[n]);
            c1[n] = second;
            c2[n] = Simd::bit_xor(first, round2_word2_[n]);
        }
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            const Words product0 = Simd::mul_even32(c0[n], m0);
            const Words product1 = Simd::mul_even32(c2[n], m1);
            c0[n] = Simd::bit_xor(Simd::shift_right64_by_32(product1), c1[n], keys0_[2]);
            c1[n] = product1;
            c2[n] = Simd::bit_xor(Simd::shift_right64_by_32(product0), round3_word2_[n]);
            c3[n] = product0;
        }
        FERRET_UNROLL for (int round = 3; round < 9; ++round) {
            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                const Words product0 = Simd::mul_even32(c0[n], m0);
                const Words product1 = Simd::mul_even32(c2[n], m1);
                c0[n] = Simd::bit_xor(Simd::shift_right64_by_32(product1), c1[n], keys0_[round]);
                c1[n] = product1;
                c2[n] = Simd::bit_xor(Simd::shift_right64_by_32(product0), c3[n], keys1_[round]);
                c3[n] = product0;
            }
        }
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            const Words product0 = Simd::mul_even32(c0[n], m0);
            const Words product1 = Simd::mul_even32(c2[n], m1);
            half0[n] = Simd::bit_xor(product1, Simd::shift_left64_by_32(c1[n]), keys0_[9]);
            half1[n] = Simd::bit_xor(product0, Simd::shift_left64_by_32(c3[n]), keys1_[9]);
        }
    }

private:
    static constexpr std::uint32_t multiplier0 = philox_multipliers[0];
    static constexpr std::uint32_t multiplier1 = philox_multipliers[1];

    Words keys0_[10];
    Words keys1_[10];
    Words round1_word2_;
    Words round2_word0_[N];
    Words round2_word2_[N];
    Words round3_word2_[N];
};

struct WordLoops {
    static constexpr std::uint32_t bases_at_once = Simd::bases_at_once;

    /// MakeWords for N bases.
    template <std::uint32_t N>
    FERRET_TARGET static void make_words(const WordSource& source, std::uint64_t first_call,
                                         std::size_t groups, std::uint32_t* words) {
        using Words = typename Simd::Words;
        PhiloxLanes<N> philox;
        philox.start(source, high_word(first_call));
        Words counters = Simd::add64(Simd::iota64(), Simd::set64(low_word(first_call)));
        for (std::size_t group = 0; group < groups; ++group)
            for (std::size_t v = 0; v < vectors_per_row; ++v) {
                Words half0[N], half1[N];
                philox.generate(counters, half0, half1);
                counters = Simd::add64(counters, Simd::set64(counters_per_vector));
                FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                    std::uint32_t* to =
                        words + (n * groups + group) * words_per_group + v * Simd::width;
                    Simd::store32(to, half0[n]);
                    Simd::store32(to + lanes, half1[n]);
                }
            }
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
