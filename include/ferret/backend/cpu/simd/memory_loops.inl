// Loops over tensors and tiles in memory. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Floats to read from memory that stores them as T.
template <class T>
struct Values {
    const T* values;

    FERRET_INLINE typename Simd::Floats load(std::size_t i) const { return Simd::load(values + i); }
    /// The first `count` from i on, and then zeros.
    FERRET_INLINE typename Simd::Floats load_n(std::size_t i, std::size_t count) const {
        return Simd::load_n(values + i, count);
    }
    FERRET_INLINE float operator[](std::size_t i) const { return static_cast<float>(values[i]); }
    FERRET_INLINE void prefetch(std::int64_t i) const { __builtin_prefetch(values + i); }
};

/// before - after, subtracted in float and never stored.
template <class T>
struct Differences {
    Values<T> before;
    Values<T> after;

    FERRET_INLINE typename Simd::Floats load(std::size_t i) const {
        return Simd::sub(before.load(i), after.load(i));
    }
    FERRET_INLINE typename Simd::Floats load_n(std::size_t i, std::size_t count) const {
        return Simd::sub(before.load_n(i, count), after.load_n(i, count));
    }
    FERRET_INLINE float operator[](std::size_t i) const { return before[i] - after[i]; }
    FERRET_INLINE void prefetch(std::int64_t i) const {
        before.prefetch(i);
        after.prefetch(i);
    }
};

template <class T>
FERRET_INLINE Values<T> values_of(const UpdateSource& from) {
    return {static_cast<const T*>(from.before)};
}
template <class T>
FERRET_INLINE Differences<T> differences_of(const UpdateSource& from) {
    return {{static_cast<const T*>(from.before)}, {static_cast<const T*>(from.after)}};
}

/// MemoryKernels.
struct MemoryLoops {
    template <class T>
    static constexpr bool is_loaded_in_place =
        !std::is_same_v<T, double> && !(Simd::converts_slowly && std::is_same_v<T, half>);

    using Doubles = typename Simd::Doubles;

    template <class T>
    FERRET_TARGET static void load_values(const UpdateSource& from, std::size_t count, float* out) {
        load(values_of<T>(from), count, out);
    }
    template <class T>
    FERRET_TARGET static void load_differences(const UpdateSource& from, std::size_t count,
                                               float* out) {
        load(differences_of<T>(from), count, out);
    }

    template <class T>
    FERRET_TARGET static void add(void* to, const float* update, std::size_t count) {
        auto* stored = static_cast<T*>(to);
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width)
            add_vector(stored + i, Simd::load(update + i));
        for (; i < count; ++i) stored[i] = sum(stored[i], update[i]);
    }

    FERRET_TARGET static void add_to_totals(double* totals, const float* values,
                                            std::size_t count) {
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width)
            add_vector(totals + i, Simd::load(values + i));
        for (; i < count; ++i) totals[i] += static_cast<double>(values[i]);
    }

    FERRET_TARGET static double sum_of_squares(const float* values, std::size_t count) {
        constexpr std::size_t vectors = lanes / Simd::width;
        Doubles sums[vectors];
        FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v) sums[v] =
            Simd::promote(Simd::set(0.0f));
        const std::size_t whole_rows = count / lanes * lanes;
        for (std::size_t row = 0; row < whole_rows; row += lanes)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
                const Doubles value = Simd::promote(Simd::load(values + row + v * Simd::width));
                sums[v] = Simd::mul_add(value, value, sums[v]);
            }
        std::array<double, lanes> lane_sums;
        FERRET_UNROLL for (std::size_t v = 0; v < vectors; ++v)
            Simd::store(lane_sums.data() + v * Simd::width, sums[v]);
        for (std::size_t i = whole_rows; i < count; ++i) {
            const auto value = static_cast<double>(values[i]);
            lane_sums[i - whole_rows] = std::fma(value, value, lane_sums[i - whole_rows]);
        }
        return add_lanes(lane_sums.data());
    }

    /// stored[0 ..] += update, in double for doubles.
    template <class T>
    FERRET_INLINE static void add_vector(T* stored, typename Simd::Floats update) {
        if constexpr (std::is_same_v<T, double>)
            Simd::store(stored, Simd::add(Simd::load(stored), Simd::promote(update)));
        else
            Simd::store(stored, Simd::add(Simd::load(stored), update));
    }

private:
    template <class Source>
    FERRET_INLINE static void load(const Source& from, std::size_t count, float* out) {
        std::size_t i = 0;
        for (; i + Simd::width <= count; i += Simd::width) Simd::store(out + i, from.load(i));
        for (; i < count; ++i) out[i] = from[i];
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
