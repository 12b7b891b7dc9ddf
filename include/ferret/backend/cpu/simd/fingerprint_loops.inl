// The sums of a model's fingerprint over memory. Part of loops.inl.

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

struct FingerprintLoops {
    /// FingerprintKernels::sum_of_products.
    /// Math:   with low and high halves of 32 bits, bits key = low(bits) low(key)
    ///         + 2^32 (low(bits) high(key) + high(bits) low(key)): products of 32 bits, of which the
    ///         latter matter only modulo 2^32 and are moved up once, at the end
    template <class T>
    FERRET_TARGET static std::uint64_t sum_of_products(const void* memory, const void* lane_keys,
                                                       std::size_t first, std::size_t count) {
        const auto* elements = static_cast<const T*>(memory);
        const auto& keys = *static_cast<const LaneKeys<elements_per_lane<T>>*>(lane_keys);
        constexpr std::size_t parts = elements_per_lane<T>;
        constexpr std::size_t vector = parts * (Simd::width / 2);
        std::uint64_t sum = 0;
        std::size_t i = 0;
        // Finding a page's address takes as long as many of its lines take to arrive, and until then
        // none of them is on its way: so it is asked for before the lines are.
        for (std::size_t byte = 0; byte < count * sizeof(T); byte += page_size)
            prefetch(elements, byte + page_distance);
        // Up to the first element of a lane of keys.
        for (; i < count && (first + i) % parts != 0; ++i)
            sum += bits_of(elements[i]) * keys[first + i];
        Words low = Simd::set64(0);
        Words high = Simd::set64(0);
        for (; i + vector <= count; i += vector) {
            prefetch(elements, i * sizeof(T) + line_distance);
            const Words bits = Simd::load64(elements + i);
            const std::size_t lane = (first + i) / parts;
            Words part[parts];
            split(bits, part);
            FERRET_UNROLL for (std::size_t p = 0; p < parts; ++p) {
                const Words low_keys = Simd::load64(keys.low[p].data() + lane);
                const Words high_keys = Simd::load64(keys.high[p].data() + lane);
                low = Simd::add64(low, Simd::mul_even32(part[p], low_keys));
                high = Simd::add64(high, Simd::mul_even32(part[p], high_keys));
                if constexpr (parts == 1)
                    high = Simd::add64(high,
                                       Simd::mul_even32(Simd::shift_right64_by_32(bits), low_keys));
            }
        }
        for (; i < count; ++i) sum += bits_of(elements[i]) * keys[first + i];
        return sum + add_lanes(low) + (add_lanes(high) << 32);
    }

private:
    using Words = typename Simd::Words;
    // All in bytes.
    static constexpr std::size_t page_size = 4096;
    static constexpr std::size_t page_distance = 8 * page_size;
    static constexpr std::size_t line_distance = 2 * page_size;

    FERRET_INLINE static void prefetch(const void* from, std::size_t bytes) {
        // Beyond the array too, which no pointer may be.
        __builtin_prefetch(
            reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(from) + bytes));
    }

    /// Elements 0, 1, ... of each 64-bit lane, in the low half of lanes whose high half may hold others.
    FERRET_INLINE static void split(Words bits, Words (&part)[1]) { part[0] = bits; }
    FERRET_INLINE static void split(Words bits, Words (&part)[2]) {
        part[0] = bits;
        part[1] = Simd::shift_right64_by_32(bits);
    }
    FERRET_INLINE static void split(Words bits, Words (&part)[4]) {
        part[0] = Simd::bit_and(bits, Simd::set32(0xFFFFu));
        part[1] = Simd::template shift_right32<16>(bits);
        part[2] = Simd::shift_right64_by_32(part[0]);
        part[3] = Simd::shift_right64_by_32(part[1]);
    }

    FERRET_INLINE static std::uint64_t add_lanes(Words a) {
        std::uint32_t halves[Simd::width];
        Simd::store32(halves, a);
        std::uint64_t sum = 0;
        for (std::size_t lane = 0; lane < Simd::width; lane += 2)
            sum += join_words(halves[lane], halves[lane + 1]);
        return sum;
    }
};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
