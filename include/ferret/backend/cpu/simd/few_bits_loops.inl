// Rotation and rounding to few bits. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// FewBitsKernels.
struct FewBitsLoops {
    FERRET_TARGET static void flip_signs(const float* from, float factor,
                                         const std::uint32_t* words, std::size_t count, float* to) {
        const Floats factors = Simd::set(factor);
        for (std::size_t begin = 0; begin < count; begin += half_size, words += lanes) {
            Words row[vectors_per_row];
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) row[v] =
                Simd::load32(words + v * Simd::width);
            const std::size_t end = (std::min)(count, begin + half_size);
            for (std::size_t i = begin; i < end; i += lanes)
                FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                    const std::size_t at = i + v * Simd::width;
                    Simd::store(to + at,
                                Simd::flip_sign(Simd::mul(Simd::load(from + at), factors), row[v]));
                    row[v] = Simd::template shift_left32<1>(row[v]);
                }
        }
    }

    FERRET_TARGET static std::uintptr_t turn(const float* from, float factor,
                                             const std::uint32_t* words, float* to,
                                             std::size_t count, std::size_t shortest,
                                             std::uintptr_t ahead) {
        const std::size_t distance = shortest == 1 ? Simd::width : lanes;
        if (count < 8 * distance) {
            flip_signs(from, factor, words, count, to);
            return hadamard(to, count, shortest, ahead);
        }
        if (shortest == 1)
            first_butterflies<Simd::width, true>(from, factor, words, to, count, ahead);
        else
            first_butterflies<lanes, false>(from, factor, words, to, count, ahead);
        return longer_butterflies(to, count, 8 * distance, ahead);
    }

    FERRET_TARGET static std::uintptr_t hadamard(float* values, std::size_t count,
                                                 std::size_t shortest, std::uintptr_t ahead) {
        if (shortest != 1) return longer_butterflies(values, count, shortest, ahead);
        // Distances within a vector go with the first of those between vectors.
        const std::size_t distance = Simd::width;
        const std::size_t radix = (std::min)(count / distance, std::size_t{8});
        if (radix == 8)
            butterflies<8, true>(values, count, distance, ahead);
        else if (radix == 4)
            butterflies<4, true>(values, count, distance, ahead);
        else
            butterflies<2, true>(values, count, distance, ahead);
        return longer_butterflies(values, count, radix * distance, ahead);
    }

    FERRET_TARGET static float largest_magnitude(const float* values, std::size_t count) {
        Floats largest[vectors_per_group];
        clear(largest);
        for (std::size_t group = 0; group < count; group += plane_group)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v) {
                const Floats magnitude = magnitude_of(Simd::load(values + group + v * Simd::width));
                largest[v] = Simd::if_negative_then_else(
                    Simd::bit_cast_words(Simd::sub(largest[v], magnitude)), magnitude, largest[v]);
            }
        float lanes_of[plane_group];
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v)
            Simd::store(lanes_of + v * Simd::width, largest[v]);
        return *std::max_element(lanes_of, lanes_of + plane_group);
    }

    FERRET_TARGET static float few_bits_sum_of_squares(const float* values, std::size_t count) {
        Floats sums[vectors_per_group];
        clear(sums);
        for (std::size_t group = 0; group < count; group += plane_group)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v) {
                const Floats value = Simd::load(values + group + v * Simd::width);
                sums[v] = Simd::mul_add(value, value, sums[v]);
            }
        return total_of(sums);
    }

    template <unsigned Bits>
    FERRET_TARGET static float pack(const float* values, std::size_t count, float deviation,
                                    std::uint32_t* planes) {
        const Rounder<Bits> rounder(deviation);
        Floats sums[vectors_per_group];
        clear(sums);
        for (std::size_t group = 0; group < count; group += plane_group, planes += Bits) {
            std::uint32_t words[Bits] = {};
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v) {
                const Floats value = Simd::load(values + group + v * Simd::width);
                const Floats magnitude = magnitude_of(value);
                Words bits[Bits];
                bits[0] = Simd::bit_cast_words(value);
                const Floats level = rounder.round(magnitude, bits);
                sums[v] = Simd::mul_add(magnitude, level, sums[v]);
                FERRET_UNROLL for (unsigned plane = 0; plane < Bits; ++plane) words[plane] |=
                    Simd::sign_bits(bits[plane]) << (v * Simd::width);
            }
            FERRET_UNROLL for (unsigned plane = 0; plane < Bits; ++plane) planes[plane] =
                words[plane];
        }
        return total_of(sums);
    }

    template <unsigned Bits>
    FERRET_TARGET static void unpack(const std::uint32_t* planes, std::size_t count,
                                     float* values) {
        for (std::size_t group = 0; group < count; group += plane_group, planes += Bits)
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v) {
                const Words to_sign = Simd::load32(shifts.data() + v * Simd::width);
                Words bits[Bits];
                FERRET_UNROLL for (unsigned plane = 0; plane < Bits; ++plane) bits[plane] =
                    Simd::shift_left32_each(Simd::set32(planes[plane]), to_sign);
                Simd::store(values + group + v * Simd::width,
                            Simd::flip_sign(level_of<Bits>(bits), bits[0]));
            }
    }

private:
    using Words = typename Simd::Words;
    using Floats = typename Simd::Floats;

    static constexpr std::size_t half_size = 32 * lanes;  // elements of a half of a group of calls
    static constexpr std::size_t vectors_per_group = plane_group / Simd::width;
    /// What moves bit i to the sign.
    static constexpr std::array<std::uint32_t, plane_group> shifts = [] {
        std::array<std::uint32_t, plane_group> result{};
        for (std::uint32_t i = 0; i < plane_group; ++i) result[i] = 31 - i;
        return result;
    }();
    /// Added to a number under it, it leaves the nearest integer in the lowest bits.
    static constexpr float rounds_to_integer = 8388608.0f;  // 2^23

    FERRET_INLINE static Floats magnitude_of(Floats a) {
        return Simd::bit_cast_float(
            Simd::bit_and(Simd::bit_cast_words(a), Simd::set32(0x7FFFFFFFu)));
    }

    FERRET_INLINE static void clear(Floats (&sums)[vectors_per_group]) {
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v) sums[v] = Simd::set(0.0f);
    }
    FERRET_INLINE static float total_of(const Floats (&sums)[vectors_per_group]) {
        float lane_sums[plane_group];
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_group; ++v)
            Simd::store(lane_sums + v * Simd::width, sums[v]);
        return add_group_lanes(lane_sums);
    }

    /// Those of lanes.
    FERRET_INLINE static Floats butterflies_within(Floats a) {
        a = Simd::template butterfly<2>(Simd::template butterfly<1>(a));
        if constexpr (Simd::width > 4) a = Simd::template butterfly<4>(a);
        if constexpr (Simd::width > 8) a = Simd::template butterfly<8>(a);
        return a;
    }

    /// Fetches a line for every four that a pass over `Count` numbers goes through: a chunk's few passes ask
    /// for about as many lines as the next chunk has.
    template <std::size_t Count>
    FERRET_INLINE static void fetch(std::uintptr_t& ahead) {
        constexpr std::size_t numbers = 4 * cache_line / sizeof(float);
        for (std::size_t done = 0; done < Count; done += numbers, ahead += cache_line)
            // Beyond the array too, which no pointer may be.
            __builtin_prefetch(reinterpret_cast<const void*>(ahead), 0, 2);
    }

    /// The butterflies of vectors that are 1, 2, ..., Radix / 2 places apart.
    template <std::size_t Radix>
    FERRET_INLINE static void join(Floats (&a)[Radix]) {
        FERRET_UNROLL for (std::size_t apart = 1; apart < Radix; apart *= 2)
            FERRET_UNROLL for (std::size_t r = 0; r < Radix; ++r) {
            if ((r & apart) != 0) continue;
            const Floats sum = Simd::add(a[r], a[r + apart]);
            a[r + apart] = Simd::sub(a[r], a[r + apart]);
            a[r] = sum;
        }
    }

    /// The butterflies of numbers that are `distance`, 2 `distance`, ... apart, up to Radix / 2 times it.
    template <std::size_t Radix, bool WithinFirst>
    FERRET_INLINE static void butterflies(float* values, std::size_t count, std::size_t distance,
                                          std::uintptr_t& ahead) {
        for (std::size_t begin = 0; begin < count; begin += Radix * distance)
            for (std::size_t i = begin; i < begin + distance; i += Simd::width) {
                fetch<Radix * Simd::width>(ahead);
                Floats a[Radix];
                FERRET_UNROLL for (std::size_t r = 0; r < Radix; ++r) {
                    a[r] = Simd::load(values + i + r * distance);
                    if constexpr (WithinFirst) a[r] = butterflies_within(a[r]);
                }
                join<Radix>(a);
                FERRET_UNROLL for (std::size_t r = 0; r < Radix; ++r)
                    Simd::store(values + i + r * distance, a[r]);
            }
    }

    /// Those of numbers that are `distance` apart, and more, of at least a vector.
    FERRET_INLINE static std::uintptr_t longer_butterflies(float* values, std::size_t count,
                                                           std::size_t distance,
                                                           std::uintptr_t ahead) {
        for (; 8 * distance <= count; distance *= 8)
            butterflies<8, false>(values, count, distance, ahead);
        if (4 * distance <= count)
            butterflies<4, false>(values, count, distance, ahead);
        else if (2 * distance <= count)
            butterflies<2, false>(values, count, distance, ahead);
        return ahead;
    }

    /// The first three distances of a turn, from `Distance` on, where numbers get their signs on the way.
    template <std::size_t Distance, bool WithinFirst>
    FERRET_INLINE static void first_butterflies(const float* from, float factor,
                                                const std::uint32_t* words, float* to,
                                                std::size_t count, std::uintptr_t& ahead) {
        constexpr std::size_t radix = 8;
        const Floats factors = Simd::set(factor);
        for (std::size_t half = 0; half < count; half += half_size, words += lanes) {
            Words row[vectors_per_row];
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) row[v] =
                Simd::load32(words + v * Simd::width);
            const std::size_t end = (std::min)(count, half + half_size);
            for (std::size_t begin = half; begin < end; begin += radix * Distance) {
                fetch<radix * Distance>(ahead);
                FERRET_UNROLL for (std::size_t first = 0; first < Distance; first += Simd::width) {
                    Floats a[radix];
                    FERRET_UNROLL for (std::size_t r = 0; r < radix; ++r) {
                        const std::size_t at = first + r * Distance;
                        const std::size_t v = at % lanes / Simd::width;
                        a[r] = Simd::flip_sign(Simd::mul(Simd::load(from + begin + at), factors),
                                               row[v]);
                        row[v] = Simd::template shift_left32<1>(row[v]);
                        if constexpr (WithinFirst) a[r] = butterflies_within(a[r]);
                    }
                    join<radix>(a);
                    FERRET_UNROLL for (std::size_t r = 0; r < radix; ++r)
                        Simd::store(to + begin + first + r * Distance, a[r]);
                }
            }
        }
    }

    /// Rounds magnitudes to the levels of a standard deviation.
    template <unsigned Bits>
    struct Rounder {
        using Levels = NormalLevels<Bits>;
        static constexpr std::size_t steps = Levels::thresholds.size();

        Floats thresholds[steps == 0 ? 1 : steps];

        FERRET_INLINE explicit Rounder(float deviation) {
            if constexpr (steps > 0)
                FERRET_UNROLL for (std::size_t t = 0; t < steps; ++t) thresholds[t] =
                    Simd::set(Levels::thresholds[t] * deviation);
        }

        /// The level; its number's bits on top of bits[1], bits[2], ..., the highest first.
        FERRET_INLINE Floats round(Floats magnitude, Words (&bits)[Bits]) const {
            Floats level = Simd::set(Levels::levels[0]);
            FERRET_UNROLL for (unsigned plane = 1; plane < Bits; ++plane) bits[plane] =
                Simd::set32(0);
            if constexpr (steps > 0) FERRET_UNROLL for (std::size_t t = 0; t < steps; ++t) {
                    // Negative where the magnitude is over the threshold.
                    const Words over = Simd::bit_cast_words(Simd::sub(thresholds[t], magnitude));
                    level =
                        Simd::if_negative_then_else(over, Simd::set(Levels::levels[t + 1]), level);
                    // Bit b of the number of thresholds below changes with every 2^b of them.
                    FERRET_UNROLL for (unsigned plane = 1; plane < Bits;
                                       ++plane) if ((t + 1) %
                                                        (std::size_t{1} << (Bits - 1 - plane)) ==
                                                    0) bits[plane] =
                        Simd::bit_xor(bits[plane], over);
                }
            return level;
        }
    };

    template <unsigned Bits>
    FERRET_INLINE static Floats level_of(const Words (&bits)[Bits]) {
        if constexpr (Bits == 8) {
            Words number = Simd::set32(0);
            FERRET_UNROLL for (unsigned plane = 1; plane < Bits; ++plane) number =
                Simd::bit_or(Simd::template shift_left32<1>(number),
                             Simd::template shift_right32<31>(bits[plane]));
            return Simd::convert_to_float(number);
        } else {
            constexpr std::size_t size = NormalLevels<Bits>::levels.size();
            Floats levels[size];
            FERRET_UNROLL for (std::size_t n = 0; n < size; ++n) levels[n] =
                Simd::set(NormalLevels<Bits>::levels[n]);
            FERRET_UNROLL for (unsigned plane = 1; plane < Bits; ++plane)
                FERRET_UNROLL for (std::size_t n = 0; n < size >> plane; ++n) levels[n] =
                    Simd::if_negative_then_else(bits[plane], levels[n + (size >> plane)],
                                                levels[n]);
            return levels[0];
        }
    }
};

template <>
struct FewBitsLoops::Rounder<8> {
    Floats steps_per_unit;

    FERRET_INLINE explicit Rounder(float deviation)
        : steps_per_unit(Simd::set(1.0f / (deviation * eight_bit_step))) {}

    FERRET_INLINE Floats round(Floats magnitude, Words (&bits)[8]) const {
        const Floats integers = Simd::set(rounds_to_integer);
        const Floats largest = Simd::set(rounds_to_integer + eight_bit_largest);
        const Floats rounded = Simd::mul_add(magnitude, steps_per_unit, integers);
        const Floats limited = Simd::if_negative_then_else(
            Simd::bit_cast_words(Simd::sub(largest, rounded)), largest, rounded);
        // The number's 7 bits, its highest on top.
        bits[1] = Simd::template shift_left32<25>(Simd::bit_cast_words(limited));
        FERRET_UNROLL for (unsigned plane = 2; plane < 8; ++plane) bits[plane] =
            Simd::template shift_left32<1>(bits[plane - 1]);
        return Simd::sub(limited, integers);
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
