// The inner loop of SparseSign. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// 16 numbers, then 16 others: read from `i` on, they change from one to the other at lane 16 - i.
template <std::uint32_t First, std::uint32_t Second>
inline constexpr auto step = [] {
    std::array<std::uint32_t, 2 * lanes> values{};
    for (std::size_t i = 0; i < lanes; ++i) {
        values[i] = First;
        values[lanes + i] = Second;
    }
    return values;
}();

/// Sums to add signed values to: 16 floats after them may be read and written, but keep their values.
struct Sums {
    float* values;

    FERRET_INLINE void add(std::size_t i, typename Simd::Floats update) const {
        MemoryLoops::add_vector(values + i, update);
    }
    /// The first `count` lanes; those after them are zero.
    FERRET_INLINE void add_n(std::size_t i, typename Simd::Floats update, std::size_t) const {
        add(i, update);
    }
};

/// A model's elements, stored as T, to add an update to that is itself summed from zero.
template <class T>
struct Stored {
    T* values;

    FERRET_INLINE void add(std::size_t i, typename Simd::Floats update) const {
        MemoryLoops::add_vector(values + i, Simd::add(Simd::set(0.0f), update));
    }
    FERRET_INLINE void add_n(std::size_t i, typename Simd::Floats update, std::size_t count) const {
        float lanes_of[Simd::width];
        Simd::store(lanes_of, Simd::add(Simd::set(0.0f), update));
        MemoryLoops::add<T>(values + i, lanes_of, (std::min)(count, Simd::width));
    }
};

/// SparseKernels.
struct SparseLoops {
    template <class T>
    static constexpr bool is_signed_in_place = !Simd::converts_slowly || std::is_same_v<T, float>;

    template <class T>
    FERRET_TARGET static void add_signed_values(SignWords& signs, std::uint64_t first,
                                                const UpdateSource& from, std::size_t count,
                                                float* sums, std::int64_t ahead) {
        const Values<T> values = values_of<T>(from);
        add_signed(signs, first, values, count, Sums{sums}, values, ahead);
    }
    template <class T>
    FERRET_TARGET static void add_signed_differences(SignWords& signs, std::uint64_t first,
                                                     const UpdateSource& from, std::size_t count,
                                                     float* sums, std::int64_t ahead) {
        const Differences<T> values = differences_of<T>(from);
        add_signed(signs, first, values, count, Sums{sums}, values, ahead);
    }
    template <class T>
    FERRET_TARGET static void add_signed_to_stored(SignWords& signs, std::uint64_t first,
                                                   const float* factors, std::size_t count,
                                                   void* to, std::int64_t ahead) {
        auto* stored = static_cast<T*>(to);
        add_signed(signs, first, Values<float>{factors}, count, Stored<T>{stored},
                   Values<T>{stored}, ahead);
    }

private:
    using Words = typename Simd::Words;
    using Floats = typename Simd::Floats;

    /// memory: what is fetched `ahead` of it
    template <class Source, class Target, class Memory>
    FERRET_INLINE static void add_signed(SignWords& signs, std::uint64_t first, const Source& from,
                                         std::size_t count, const Target& to, const Memory& memory,
                                         std::int64_t ahead) {
        for (std::size_t i = 0; i < count;) {
            const std::uint64_t element = first + i;
            if (element < signs.begin || element >= signs.end) make_sign_words(signs, element);
            const auto part = static_cast<unsigned>(element % SignWords::half_size / lanes);
            const std::size_t shift = element % lanes;
            Words row[vectors_per_row];
            row_signs(signs.at(element), part, shift, row);

            // Writes that straddle cache lines cost double, so rows begin where the target's lines do.
            const std::size_t misplaced =
                reinterpret_cast<std::uintptr_t>(to.values + i) / sizeof(*to.values) % lanes;
            const std::size_t length = (std::min)(lanes - misplaced, count - i);
            if (length < lanes) {
                FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                    const std::size_t at = v * Simd::width;
                    if (at >= length) break;
                    to.add_n(i + at, Simd::flip_sign(from.load_n(i + at, length - at), row[v]),
                             length - at);
                }
                i += length;
                continue;
            }
            const bool crosses = shift > 0 && part + 1 == SignWords::parts;
            const std::size_t parts_left = SignWords::parts - part - (shift > 0 ? 1 : 0);
            std::size_t rows = crosses ? 1 : (std::min)(parts_left, (count - i) / lanes);
            for (; rows > 0; --rows, i += lanes) {
                memory.prefetch(static_cast<std::int64_t>(i) + ahead);
                FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                    const std::size_t at = i + v * Simd::width;
                    to.add(at, Simd::flip_sign(from.load(at), row[v]));
                    row[v] = Simd::template shift_left32<1>(row[v]);
                }
            }
        }
    }

    /// The words of the group with this element, and of the next.
    FERRET_TARGET static void make_sign_words(SignWords& signs, std::uint64_t element) {
        constexpr std::uint64_t size = SignWords::group_size;
        const std::uint64_t group = element / size;
        std::uint32_t* const here = signs.words + lanes;
        std::uint32_t* const next = here + words_per_group;
        // Each by itself, as there may be a multiple of 2^32 calls between them.
        const auto make = [&](std::uint64_t number, std::uint32_t* to) {
            WordLoops::make_words<1>({signs.key, signs.block, 0}, number * counters_per_group, 1,
                                     to);
        };
        if (signs.next_is_made && group * size == signs.end)
            std::copy_n(next, words_per_group, here);
        else
            make(group, here);
        signs.begin = group * size;
        signs.end = signs.begin + size;
        signs.next_is_made = signs.end < signs.limit;
        if (signs.next_is_made) make(group + 1, next);
    }

    /// The sign bits of 16 consecutive elements, on top of their words, from lane `shift` of part
    /// `part` on. The last `shift` of them are of the next part or, after the last part, of the next
    /// half.
    FERRET_INLINE static void row_signs(const std::uint32_t* words, unsigned part,
                                        std::size_t shift, Words (&row)[vectors_per_row]) {
        const bool crosses = part + 1 == SignWords::parts;
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
            const std::size_t lane = shift + v * Simd::width;
            const Words next = Simd::load32(step<0, ~0u>.data() + lane);
            const Words here = Simd::load32(words + lane);
            const Words bits =
                Simd::add32(Simd::set32(part), Simd::load32(step<0, 1>.data() + lane));
            // A shift by 32 is meant to be none: the next half begins with part 0.
            row[v] = Simd::shift_left32_each(
                crosses
                    ? here
                    : Simd::if_negative_then_else(next, Simd::load32(words + lane - lanes), here),
                Simd::bit_and(bits, Simd::set32(31)));
        }
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
