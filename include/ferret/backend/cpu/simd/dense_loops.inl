// The dense bases' inner loops over one tile. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// The loops over one tile for N consecutive bases, which share the tile's loads.
template <DenseBasis B, std::size_t N>
struct TileLoops {
    using Words = typename Simd::Words;
    using Floats = typename Simd::Floats;
    static constexpr unsigned parts = B::parts_per_word;
    static constexpr std::size_t group_size = elements_per_group(parts);

    /// sums[n]: the tile's sum for basis source.basis + n
    FERRET_TARGET static void dot(const typename B::Block& block, const TileSource& source,
                                  std::size_t count, const float* tile, float* sums) {
        const std::uint64_t call = source.first_element / group_size * counters_per_group;
        PhiloxLanes<N> philox;
        PhiloxLanes<N>::start(philox, source, high_word(call));
        Floats totals[N][vectors_per_row];
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) totals[n][v] =
                Simd::floats(0.0f);

        Words counters = Simd::add(Simd::iota(), Simd::words(low_word(call)));
        for (std::size_t at = 0; at < count; at += group_size) {
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                Words half0[N], half1[N];
                PhiloxLanes<N>::generate(philox, counters, half0, half1);
                counters = Simd::add(counters, Simd::words(counters_per_vector));
                const float* rows = tile + at + v * Simd::width;
                if constexpr (parts == 32) {
                    FERRET_UNROLL for (std::size_t half = 0; half < 2; ++half) {
                        Words signs[N];
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) signs[n] =
                            half == 0 ? half0[n] : half1[n];
                        for (std::size_t part = 0; part < parts; ++part) {
                            const Floats values = Simd::load(rows + (half * parts + part) * lanes);
                            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                                totals[n][v] =
                                    Simd::add(totals[n][v], Simd::flip_sign(values, signs[n]));
                                signs[n] = Simd::template shift_left<1>(signs[n]);
                            }
                        }
                    }
                } else {
                    Floats raw[N][2 * parts];
                    FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
                        RawRows<B>::generate(block, half0[n], half1[n], raw[n]);
                    FERRET_UNROLL for (std::size_t row = 0; row < 2 * parts; ++row) {
                        const Floats values = Simd::load(rows + row * lanes);
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) totals[n][v] =
                            Simd::fma(values, raw[n][row], totals[n][v]);
                    }
                }
            }
        }
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
            std::array<float, lanes> lane_sums;
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v)
                Simd::store(lane_sums.data() + v * Simd::width, totals[n][v]);
            sums[n] = add_lanes(lane_sums);
        }
    }

    /// update[i] += coefficients[n] * raw value of basis source.basis + n, in the order of n
    FERRET_TARGET static void add(const typename B::Block& block, const TileSource& source,
                                  std::size_t count, const float* coefficients, float* update) {
        const std::uint64_t call = source.first_element / group_size * counters_per_group;
        PhiloxLanes<N> philox;
        PhiloxLanes<N>::start(philox, source, high_word(call));
        Floats factors[N];
        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) factors[n] =
            Simd::floats(coefficients[n]);

        Words counters = Simd::add(Simd::iota(), Simd::words(low_word(call)));
        for (std::size_t at = 0; at < count; at += group_size) {
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                Words half0[N], half1[N];
                PhiloxLanes<N>::generate(philox, counters, half0, half1);
                counters = Simd::add(counters, Simd::words(counters_per_vector));
                float* rows = update + at + v * Simd::width;
                if constexpr (parts == 32) {
                    FERRET_UNROLL for (std::size_t half = 0; half < 2; ++half) {
                        Words signs[N];
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) signs[n] =
                            half == 0 ? half0[n] : half1[n];
                        for (std::size_t part = 0; part < parts; ++part) {
                            float* row = rows + (half * parts + part) * lanes;
                            Floats values = Simd::load(row);
                            FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) {
                                values = Simd::add(values, Simd::flip_sign(factors[n], signs[n]));
                                signs[n] = Simd::template shift_left<1>(signs[n]);
                            }
                            Simd::store(row, values);
                        }
                    }
                } else {
                    Floats raw[N][2 * parts];
                    FERRET_UNROLL for (std::size_t n = 0; n < N; ++n)
                        RawRows<B>::generate(block, half0[n], half1[n], raw[n]);
                    FERRET_UNROLL for (std::size_t row = 0; row < 2 * parts; ++row) {
                        Floats values = Simd::load(rows + row * lanes);
                        FERRET_UNROLL for (std::size_t n = 0; n < N; ++n) values =
                            Simd::fma(factors[n], raw[n][row], values);
                        Simd::store(rows + row * lanes, values);
                    }
                }
            }
        }
    }
};

/// The loops for any number of bases: as many at once as the registers hold, then the rest.
template <DenseBasis B>
struct DenseLoops {
    static constexpr std::uint32_t at_once = Simd::bases_at_once;

    FERRET_TARGET static void dot(const typename B::Block& block, TileSource source,
                                  std::uint32_t bases, std::size_t count, const float* tile,
                                  double* totals) {
        float sums[at_once];
        std::uint32_t done = 0;
        for (; done + at_once <= bases; done += at_once, source.basis += at_once) {
            TileLoops<B, at_once>::dot(block, source, count, tile, sums);
            for (std::uint32_t n = 0; n < at_once; ++n)
                totals[done + n] += static_cast<double>(sums[n]);
        }
        for (; done < bases; ++done, ++source.basis) {
            TileLoops<B, 1>::dot(block, source, count, tile, sums);
            totals[done] += static_cast<double>(sums[0]);
        }
    }

    FERRET_TARGET static void add(const typename B::Block& block, TileSource source,
                                  std::uint32_t bases, std::size_t count, const float* coefficients,
                                  float* update) {
        std::uint32_t done = 0;
        for (; done + at_once <= bases; done += at_once, source.basis += at_once)
            TileLoops<B, at_once>::add(block, source, count, coefficients + done, update);
        for (; done < bases; ++done, ++source.basis)
            TileLoops<B, 1>::add(block, source, count, coefficients + done, update);
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
