// The dense families' inner loops over words. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

struct DenseLoops {
    /// DenseKernels::dot for N bases, whose chains of additions hide each other's latency.
    template <DenseBasis B, std::uint32_t N>
    FERRET_TARGET static void dot(const void* law, const std::uint32_t* words, std::size_t groups,
                                  const float* values, float* lane_sums) {
        if constexpr (Simd::is_parallel_alone && !B::raw_values_are_signs) {
            for (std::size_t n = 0; n < N; ++n, lane_sums += lanes)
                for_each_raw<B>(law, words + n * groups * words_per_group, groups,
                                [&](const float* raw, std::size_t at, std::size_t count) {
                                    dot_raw(raw, values + at, count, lane_sums);
                                });
        } else {
            const auto& block = *static_cast<const typename B::Block*>(law);
            for (std::size_t v = 0; v < vectors_per_row; ++v) {
                Floats sums[N];
                FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) sums[n] =
                    Simd::load(lane_sums + n * lanes + v * Simd::width);
                for (std::size_t group = 0; group < groups; ++group) {
                    const float* rows =
                        values + group * elements_per_group(B::parts_per_word) + v * Simd::width;
                    const std::uint32_t* from = words + group * words_per_group + v * Simd::width;
                    Words half0[N], half1[N];
                    load_halves(from, groups, half0, half1);
                    if constexpr (B::raw_values_are_signs) {
                        dot_signs(rows, half0, sums);
                        dot_signs(rows + B::parts_per_word * lanes, half1, sums);
                    } else {
                        Floats raw[N][2 * B::parts_per_word];
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
                            RawRows<B>::generate(block, half0[n], half1[n], raw[n]);
                        FERRET_UNROLL for (std::size_t row = 0; row < 2 * B::parts_per_word;
                                           ++row) {
                            const Floats value = Simd::load(rows + row * lanes);
                            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) sums[n] =
                                Simd::mul_add(value, raw[n][row], sums[n]);
                        }
                    }
                }
                FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
                    Simd::store(lane_sums + n * lanes + v * Simd::width, sums[n]);
            }
        }
    }

    /// DenseKernels::add for N bases, which share the update's loads and stores.
    template <DenseBasis B, std::uint32_t N>
    FERRET_TARGET static void add_raw(const void* law, const std::uint32_t* words,
                                      std::size_t groups, const float* coefficients,
                                      float* update) {
        if constexpr (Simd::is_parallel_alone && !B::raw_values_are_signs) {
            for (std::size_t n = 0; n < N; ++n)
                for_each_raw<B>(law, words + n * groups * words_per_group, groups,
                                [&](const float* raw, std::size_t at, std::size_t count) {
                                    add_raw_times(coefficients[n], raw, count, update + at);
                                });
        } else {
            const auto& block = *static_cast<const typename B::Block*>(law);
            Floats factors[N];
            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) factors[n] =
                Simd::set(coefficients[n]);
            for (std::size_t group = 0; group < groups; ++group)
                for (std::size_t v = 0; v < vectors_per_row; ++v) {
                    float* rows =
                        update + group * elements_per_group(B::parts_per_word) + v * Simd::width;
                    const std::uint32_t* from = words + group * words_per_group + v * Simd::width;
                    Words half0[N], half1[N];
                    load_halves(from, groups, half0, half1);
                    if constexpr (B::raw_values_are_signs) {
                        add_signs(factors, half0, rows);
                        add_signs(factors, half1, rows + B::parts_per_word * lanes);
                    } else {
                        Floats raw[N][2 * B::parts_per_word];
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
                            RawRows<B>::generate(block, half0[n], half1[n], raw[n]);
                        FERRET_UNROLL for (std::size_t row = 0; row < 2 * B::parts_per_word;
                                           ++row) {
                            Floats value = Simd::load(rows + row * lanes);
                            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) value =
                                Simd::mul_add(factors[n], raw[n][row], value);
                            Simd::store(rows + row * lanes, value);
                        }
                    }
                }
        }
    }

private:
    using Words = typename Simd::Words;
    using Floats = typename Simd::Floats;
    static constexpr std::size_t sign_rows = 32;
    static_assert(!Simd::is_parallel_alone || Simd::width == lanes);

    /// Words of a group, or of `width` lanes of it, of each of N bases that have `groups` of them.
    template <std::size_t N>
    FERRET_INLINE static void load_halves(const std::uint32_t* from, std::size_t groups,
                                          Words (&half0)[N], Words (&half1)[N]) {
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            half0[n] = Simd::load32(from + n * groups * words_per_group);
            half1[n] = Simd::load32(from + n * groups * words_per_group + lanes);
        }
    }

    // Where a multiply-add is made of many instructions, that of all families is in these two.
    FERRET_TARGET static void dot_raw(const float* raw, const float* values, std::size_t count,
                                      float* lane_sums) {
        Floats sums = Simd::load(lane_sums);
        for (std::size_t i = 0; i < count; i += lanes)
            sums = Simd::mul_add(Simd::load(values + i), Simd::load(raw + i), sums);
        Simd::store(lane_sums, sums);
    }
    FERRET_TARGET static void add_raw_times(float coefficient, const float* raw, std::size_t count,
                                            float* update) {
        const Floats factor = Simd::set(coefficient);
        for (std::size_t i = 0; i < count; i += lanes)
            Simd::store(update + i,
                        Simd::mul_add(factor, Simd::load(raw + i), Simd::load(update + i)));
    }
    template <DenseBasis B>
    FERRET_TARGET static void make_raw(const void* law, const std::uint32_t* words, float* raw) {
        Floats rows[2 * B::parts_per_word];
        RawRows<B>::generate(*static_cast<const typename B::Block*>(law), Simd::load32(words),
                             Simd::load32(words + lanes), rows);
        for (std::size_t row = 0; row < std::size(rows); ++row)
            Simd::store(raw + row * lanes, rows[row]);
    }
    /// Calls visit(raw values, first element, count) for a few groups at a time.
    template <DenseBasis B, class Visit>
    static void for_each_raw(const void* law, const std::uint32_t* words, std::size_t groups,
                             const Visit& visit) {
        constexpr std::size_t size = elements_per_group(B::parts_per_word);
        float raw[16 * size];
        for (std::size_t group = 0; group < groups;) {
            std::size_t made = 0;
            for (; made < 16 && group + made < groups; ++made, words += words_per_group)
                make_raw<B>(law, words, raw + made * size);
            visit(raw, group * size, made * size);
            group += made;
        }
    }

    /// A row of values for each bit of the words, the highest first.
    template <std::size_t N>
    FERRET_INLINE static void dot_signs(const float* rows, Words (&signs)[N], Floats (&sums)[N]) {
        for (std::size_t row = 0; row < sign_rows; ++row) {
            const Floats value = Simd::load(rows + row * lanes);
            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                sums[n] = Simd::add(sums[n], Simd::flip_sign(value, signs[n]));
                signs[n] = Simd::template shift_left32<1>(signs[n]);
            }
        }
    }
    template <std::size_t N>
    FERRET_INLINE static void add_signs(const Floats (&factors)[N], Words (&signs)[N],
                                        float* rows) {
        for (std::size_t row = 0; row < sign_rows; ++row) {
            Floats value = Simd::load(rows + row * lanes);
            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                value = Simd::add(value, Simd::flip_sign(factors[n], signs[n]));
                signs[n] = Simd::template shift_left32<1>(signs[n]);
            }
            Simd::store(rows + row * lanes, value);
        }
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
