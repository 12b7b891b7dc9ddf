// Random words, one counter in each 64-bit lane. Part of loops.inl.
//
// Everything here is written once over `Simd` and compiled for each target. FERRET_TARGET or
// FERRET_INLINE stands on every function that handles vectors; lambdas would not inherit it.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Vectors that hold one canonical row of 16 lanes.
inline constexpr std::size_t vectors_per_row = lanes / Simd::width;
inline constexpr std::size_t counters_per_vector = Simd::width / 2;

/// Philox4x32-10 for N bases over the counters of one tile.
///
/// Math:   the element counter is in word 0 and the basis in word 2, so in round 1 the product of
///         word 2, and in round 2 the product of word 0, are the same for all counters, and the
///         other product of round 1 is the same for all bases. That leaves 17 multiplications of 20
///         and a quarter. The last round writes both words of a product into one 64-bit lane.
template <std::size_t N>
class PhiloxLanes {
public:
    using Words = typename Simd::Words;

    FERRET_INLINE void start(PhiloxLanes& self, const TileSource& source, std::uint32_t call_high) {
        std::uint32_t key0 = source.key[0];
        std::uint32_t key1 = source.key[1];
        std::uint32_t keys0[10];
        std::uint32_t keys1[10];
        for (int round = 0; round < 10; ++round) {
            keys0[round] = key0;
            keys1[round] = key1;
            self.keys0_[round] = Simd::words(key0);
            self.keys1_[round] = Simd::words(key1);
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }
        self.keys0_[9] = Simd::to_high_half(self.keys0_[9]);
        self.keys1_[9] = Simd::to_high_half(self.keys1_[9]);
        self.round1_word2_ = Simd::words(source.block ^ keys1[0]);
        for (std::size_t n = 0; n < N; ++n) {
            const std::uint64_t product1 =
                std::uint64_t{multiplier1} * (source.basis + static_cast<std::uint32_t>(n));
            const std::uint32_t word0 = high_word(product1) ^ call_high ^ keys0[0];
            const std::uint64_t product0 = std::uint64_t{multiplier0} * word0;
            self.round2_word0_[n] = Simd::words(low_word(product1) ^ keys0[1]);
            self.round2_word2_[n] = Simd::words(high_word(product0) ^ keys1[1]);
            self.round3_word2_[n] = Simd::words(low_word(product0) ^ keys1[2]);
        }
    }

    /// The words of half 0 and of half 1 of the calls first + 0, 1, ...
    FERRET_INLINE void generate(const PhiloxLanes& self, Words counters, Words (&half0)[N],
                                Words (&half1)[N]) {
        const Words m0 = Simd::words(multiplier0);
        const Words m1 = Simd::words(multiplier1);
        const Words first = Simd::multiply(counters, m0);
        const Words word2 = Simd::exclusive_or(Simd::high_half(first), self.round1_word2_);
        const Words second = Simd::multiply(word2, m1);
        Words c0[N], c1[N], c2[N], c3[N];
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            // Round 2; the words above the low 32 bits of a lane are garbage that no product reads.
            c0[n] = Simd::exclusive_or(Simd::high_half(second), self.round2_word0_[n]);
            c1[n] = second;
            c2[n] = Simd::exclusive_or(first, self.round2_word2_[n]);
        }
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            const Words product0 = Simd::multiply(c0[n], m0);
            const Words product1 = Simd::multiply(c2[n], m1);
            c0[n] = Simd::exclusive_or(Simd::high_half(product1), c1[n], self.keys0_[2]);
            c1[n] = product1;
            c2[n] = Simd::exclusive_or(Simd::high_half(product0), self.round3_word2_[n]);
            c3[n] = product0;
        }
        FERRET_UNROLL for (int round = 3; round < 9; ++round) {
            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                const Words product0 = Simd::multiply(c0[n], m0);
                const Words product1 = Simd::multiply(c2[n], m1);
                c0[n] = Simd::exclusive_or(Simd::high_half(product1), c1[n], self.keys0_[round]);
                c1[n] = product1;
                c2[n] = Simd::exclusive_or(Simd::high_half(product0), c3[n], self.keys1_[round]);
                c3[n] = product0;
            }
        }
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            const Words product0 = Simd::multiply(c0[n], m0);
            const Words product1 = Simd::multiply(c2[n], m1);
            half0[n] = Simd::exclusive_or(product1, Simd::to_high_half(c1[n]), self.keys0_[9]);
            half1[n] = Simd::exclusive_or(product0, Simd::to_high_half(c3[n]), self.keys1_[9]);
        }
    }

private:
    static constexpr std::uint32_t multiplier0 = 0xD2511F53u;
    static constexpr std::uint32_t multiplier1 = 0xCD9E8D57u;

    Words keys0_[10];
    Words keys1_[10];
    Words round1_word2_;
    Words round2_word0_[N];
    Words round2_word2_[N];
    Words round3_word2_[N];
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
