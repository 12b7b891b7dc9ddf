// Loops over tensors and tiles in memory. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Elements i .. i + width - 1 of stored values, or of a difference of two.
template <class T>
FERRET_INLINE typename Simd::Floats load_floats(const Values<T>& from, std::size_t i) {
    return Simd::load(from.values + i);
}
template <class T>
FERRET_INLINE typename Simd::Floats load_floats(const Difference<T>& from, std::size_t i) {
    return Simd::subtract(Simd::load(from.before + i), Simd::load(from.after + i));
}

struct MemoryLoops {
    using Doubles = typename Simd::Doubles;

    /// out[i] = from[i]
    template <class Source>
    FERRET_TARGET static void copy(const Source& from, std::size_t count, float* out) {
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width)
            Simd::store(out + i, load_floats(from, i));
        for (; i < count; ++i) out[i] = from[i];
    }

    /// stored[i] += update[i], added in float
    template <class T>
    FERRET_TARGET static void add(T* stored, const float* update, std::size_t count) {
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width)
            Simd::store(stored + i, Simd::add(Simd::load(stored + i), Simd::load(update + i)));
        for (; i < count; ++i) stored[i] = sum(stored[i], update[i]);
    }

    /// totals[i] += values[i], in double
    FERRET_TARGET static void add(double* totals, const float* values, std::size_t count) {
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width)
            Simd::store(totals + i,
                        Simd::add(Simd::load(totals + i), Simd::widen(Simd::load(values + i))));
        for (; i < count; ++i) totals[i] += static_cast<double>(values[i]);
    }

    /// Math:   the sum of squares in the order of a dense tile: 16 lanes, then a tree, in double
    FERRET_TARGET static double sum_of_squares(const float* values, std::size_t count) {
        constexpr std::size_t vectors = lanes / Simd::width;
        Doubles sums[vectors];
        FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v) sums[v] =
            Simd::widen(Simd::floats(0.0f));
        const std::size_t whole_rows = count / lanes * lanes;
        for (std::size_t row = 0; row < whole_rows; row += lanes)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
                const Doubles value = Simd::widen(Simd::load(values + row + v * Simd::width));
                sums[v] = Simd::fma(value, value, sums[v]);
            }
        std::array<double, lanes> lane_sums;
        FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v)
            Simd::store(lane_sums.data() + v * Simd::width, sums[v]);
        for (std::size_t i = whole_rows; i < count; ++i) {
            const auto value = static_cast<double>(values[i]);
            lane_sums[i - whole_rows] = std::fma(value, value, lane_sums[i - whole_rows]);
        }
        return add_lanes(lane_sums);
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
