// The inner loop of SparseSign. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// Sign words of a few consecutive groups of Philox calls. A group has two halves of 512 elements;
/// a half has 16 words, in the order of the lanes, of which its row r has bit 31 - r.
class SignWords {
public:
    static constexpr unsigned parts = SparseSign::parts_per_word;
    static constexpr std::size_t half_size = parts * lanes;
    static constexpr std::size_t group_size = 2 * half_size;
    static constexpr std::size_t most_groups = 4;

    /// Makes the words of elements begin .. end - 1, or of as many as there is room for, and of the
    /// half after these.
    FERRET_INLINE void generate(SignWords& self, const SignSource& signs, std::uint64_t begin,
                                std::uint64_t end) {
        const std::uint64_t first = begin / group_size;
        const std::uint64_t last = (std::min)((end - 1) / group_size, first + most_groups);
        PhiloxLanes<1> philox;
        PhiloxLanes<1>::start(philox, {signs.key, signs.block, 0, 0},
                              high_word(first * counters_per_group));
        std::uint32_t* to = self.words_ + lanes;
        for (std::uint64_t group = first; group <= last; ++group, to += 2 * lanes) {
            const std::uint64_t call = group * counters_per_group;
            FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                typename Simd::Words half0[1], half1[1];
                PhiloxLanes<1>::generate(
                    philox,
                    Simd::add(Simd::iota(), Simd::words(low_word(call) + v * counters_per_vector)),
                    half0, half1);
                Simd::store_integers(to + v * Simd::width, half0[0]);
                Simd::store_integers(to + lanes + v * Simd::width, half1[0]);
            }
        }
        self.begin_ = first * group_size;
        self.end_ = (std::min)(end, (first + most_groups) * group_size);
    }

    /// The words of the half with this element; those of the half before and after lie around them.
    const std::uint32_t* at(std::uint64_t element) const {
        return words_ + (1 + (element - begin_) / half_size) * lanes;
    }

    std::uint64_t end() const { return end_; }

private:
    alignas(cache_line) std::uint32_t words_[lanes + (most_groups + 1) * 2 * lanes] = {};
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

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

struct SparseLoops {
    /// Math:   to.add(i, sign of element `first + i` times from[i]) for each i < count
    /// Shapes: to: Sums, and then 16 floats that may be read and written but keep their values,
    ///         none of them -0; or Stored
    ///         ahead: how far after element i of what is in memory, `from` for sums or else `to`, lies
    ///         the one to fetch into the cache
    template <class Source, class Target>
    FERRET_TARGET static void add_signed(const SignSource& signs, std::uint64_t first,
                                         const Source& from, std::size_t count, const Target& to,
                                         std::int64_t ahead) {
        SignWords sign_words;
        for (std::size_t i = 0; i < count;) {
            const std::uint64_t element = first + i;
            if (element >= sign_words.end())
                SignWords::generate(sign_words, signs, element, first + count);
            const auto part = static_cast<unsigned>(element % SignWords::half_size / lanes);
            const std::size_t shift = element % lanes;
            Words row[vectors_per_row];
            row_signs(sign_words.at(element), part, shift, row);

            // Writes that straddle cache lines cost double, so rows begin where the target's lines do.
            const std::size_t misplaced =
                reinterpret_cast<std::uintptr_t>(to.values + i) / sizeof(*to.values) % lanes;
            const std::size_t length = (std::min)(lanes - misplaced, count - i);
            if (length < lanes) {
                add_part(to.from(i), from.from(i), length, row);
                i += length;
                continue;
            }
            const bool crosses = shift > 0 && part + 1 == SignWords::parts;
            const std::size_t parts_left = SignWords::parts - part - (shift > 0 ? 1 : 0);
            std::size_t rows = crosses ? 1 : (std::min)(parts_left, (count - i) / lanes);
            for (; rows > 0; --rows, i += lanes) {
                prefetch(to, from, static_cast<std::int64_t>(i) + ahead);
                FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
                    const std::size_t at = i + v * Simd::width;
                    add_vector(to.from(at), Simd::flip_sign(load_floats(from, at), row[v]));
                    row[v] = Simd::template shift_left<1>(row[v]);
                }
            }
        }
    }

private:
    using Words = typename Simd::Words;
    using Floats = typename Simd::Floats;

    FERRET_INLINE void add_vector(const Sums& to, Floats update) {
        Simd::store(to.values, Simd::add(Simd::load(to.values), update));
    }
    template <class T>
    FERRET_INLINE void add_vector(const Stored<T>& to, Floats update) {
        const Floats from_zero = Simd::add(Simd::floats(0.0f), update);
        if constexpr (std::is_same_v<T, double>)
            Simd::store(to.values, Simd::add(Simd::load(to.values), Simd::widen(from_zero)));
        else
            Simd::store(to.values, Simd::add(Simd::load(to.values), from_zero));
    }

    /// The first `count` elements of a row.
    template <class Source>
    FERRET_INLINE void add_part(const Sums& to, const Source& from, std::size_t count,
                                const Words (&row)[vectors_per_row]) {
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
            const std::size_t at = v * Simd::width;
            if (at >= count) break;
            add_vector(to.from(at), Simd::flip_sign(load_part(from, at, count - at), row[v]));
        }
    }
    template <class T, class Source>
    FERRET_INLINE void add_part(const Stored<T>& to, const Source& from, std::size_t count,
                                const Words (&row)[vectors_per_row]) {
        float update[lanes] = {};
        add_part(Sums{update}, from, count, row);
        for (std::size_t i = 0; i < count; ++i) to.add(i, update[i]);
    }

    /// The sign bits of 16 consecutive elements, on top of their words, from lane `shift` of part
    /// `part` on. The last `shift` of them are of the next part or, after the last part, of the next
    /// half.
    FERRET_INLINE void row_signs(const std::uint32_t* words, unsigned part, std::size_t shift,
                                 Words (&row)[vectors_per_row]) {
        const bool crosses = part + 1 == SignWords::parts;
        FERRET_UNROLL for (std::size_t v = 0; v < vectors_per_row; ++v) {
            const std::size_t lane = shift + v * Simd::width;
            const Words next = load(step<0, ~0u>, lane);
            const Words here = Simd::load_integers(words + lane);
            const Words bits = Simd::add_integers(Simd::integers(part), load(step<0, 1>, lane));
            // A shift by 32 is meant to be none: the next half begins with part 0.
            row[v] = Simd::shift_left_each(
                crosses ? here
                        : Simd::choose_words(next, here, Simd::load_integers(words + lane - lanes)),
                Simd::both(bits, Simd::integers(31)));
        }
    }

    FERRET_INLINE Words load(const std::array<std::uint32_t, 2 * lanes>& table, std::size_t i) {
        return Simd::load_integers(table.data() + i);
    }

    template <class T>
    FERRET_INLINE Floats load_part(const Values<T>& from, std::size_t i, std::size_t count) {
        return Simd::load_part(from.values + i, count);
    }
    template <class T>
    FERRET_INLINE Floats load_part(const Difference<T>& from, std::size_t i, std::size_t count) {
        return Simd::subtract(Simd::load_part(from.before + i, count),
                              Simd::load_part(from.after + i, count));
    }

    template <class T>
    FERRET_INLINE void prefetch(const Sums&, const Values<T>& from, std::int64_t i) {
        __builtin_prefetch(from.values + i);
    }
    template <class T>
    FERRET_INLINE void prefetch(const Sums&, const Difference<T>& from, std::int64_t i) {
        __builtin_prefetch(from.before + i);
        __builtin_prefetch(from.after + i);
    }
    template <class T, class Source>
    FERRET_INLINE void prefetch(const Stored<T>& to, const Source&, std::int64_t i) {
        __builtin_prefetch(to.values + i, 1);
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
