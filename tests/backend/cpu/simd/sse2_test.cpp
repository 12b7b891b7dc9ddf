#if defined(__x86_64__) && defined(__GNUC__)

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/ferret.hpp>
#include <limits>
#include <vector>

// SSE2 has no fused multiply-add; what is made in its place gives the same bits.

using ferret::cpu::sse2::Simd;

namespace {

using Row = std::array<float, Simd::width>;

std::uint32_t bits_of(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

Row fma(const Row& a, const Row& b, const Row& c) {
    Row result;
    Simd::store(result.data(),
                Simd::mul_add(Simd::load(a.data()), Simd::load(b.data()), Simd::load(c.data())));
    return result;
}

/// How many of a row's results are other than std::fma's; all nans are one.
int differences(const Row& a, const Row& b, const Row& c) {
    const Row result = fma(a, b, c);
    int count = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const float expected = std::fma(a[i], b[i], c[i]);
        count +=
            std::isnan(expected) ? !std::isnan(result[i]) : bits_of(result[i]) != bits_of(expected);
    }
    return count;
}

/// Random numbers that are the same everywhere.
class Words {
public:
    std::uint32_t next() { return ferret::philox({counter_++, 0, 0, 0}, {1, 2})[0]; }

private:
    std::uint32_t counter_ = 0;
};

}  // namespace

TEST_CASE("SSE2: every combination of special numbers") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    const std::vector<float> special{0.0f,
                                     0x1p-149f,
                                     0x1p-148f,
                                     0x1.8p-127f,
                                     0x1.fffffcp-127f,
                                     0x1p-126f,
                                     0x1.000002p-126f,
                                     0x1p-75f,
                                     0x1p-74f,
                                     0x1p-24f,
                                     0x1p-25f,
                                     0x1.fffffep-1f,
                                     1.0f,
                                     0x1.000002p+0f,
                                     0x1.8p+0f,
                                     0x1.fffffep+0f,
                                     0x1p+24f,
                                     0x1.000002p+24f,
                                     0x1p+64f,
                                     0x1.fffffep+127f,
                                     inf,
                                     std::nanf("")};
    int wrong = 0;
    for (const float magnitude_a : special)
        for (const float magnitude_b : special)
            for (const float magnitude_c : special) {
                Row a{}, b{}, c{};
                for (std::size_t i = 0; i < a.size(); ++i) {
                    a[i] = i & 1 ? -magnitude_a : magnitude_a;
                    b[i] = i & 2 ? -magnitude_b : magnitude_b;
                    c[i] = i & 4 ? -magnitude_c : magnitude_c;
                }
                wrong += differences(a, b, c);
            }
    CHECK(wrong == 0);
}

TEST_CASE("SSE2: sums in the middle of two floats and beside it") {
    Words words;
    int wrong = 0;
    int middles = 0;
    for (int n = 0; n < 40000; ++n) {
        Row a{}, b{}, c{};
        for (std::size_t i = 0; i < a.size(); ++i) {
            // c has 24 bits, and the product is half its last bit and a little, or nothing, more;
            // exponents reach down to where c, or c and the product, are subnormal.
            const int exponent = -static_cast<int>(words.next() % 150);
            const std::uint32_t kind = words.next();
            c[i] = std::ldexp(static_cast<float>((words.next() >> 8) | 0x800000u), exponent);
            a[i] =
                std::ldexp(kind & 1 ? 1.0f : 1.0f + std::ldexp(1.0f, -static_cast<int>(kind >> 27)),
                           exponent / 2);
            b[i] =
                std::ldexp(kind & 2 ? 0.5f : 0.5f - std::ldexp(1.0f, -24), exponent - exponent / 2);
            if (kind & 4) a[i] = -a[i];
            if (kind & 8) c[i] = -c[i];
            middles += kind & 1 && kind & 2;
        }
        wrong += differences(a, b, c);
    }
    CHECK(wrong == 0);
    CHECK(middles > 100000);
}

TEST_CASE("SSE2: any numbers") {
    Words words;
    int wrong = 0;
    for (int n = 0; n < 100000; ++n) {
        Row a{}, b{}, c{};
        for (std::size_t i = 0; i < a.size(); ++i) {
            // Every other sum is of numbers of like size, so that bits cancel.
            const std::uint32_t fixed = i % 2 == 0 ? 0u : 0x3E000000u;
            const std::uint32_t kept = i % 2 == 0 ? ~0u : 0x81FFFFFFu;
            a[i] = std::bit_cast<float>((words.next() & kept) | fixed);
            b[i] = std::bit_cast<float>((words.next() & kept) | fixed);
            c[i] = std::bit_cast<float>((words.next() & kept) | fixed);
        }
        wrong += differences(a, b, c);
    }
    CHECK(wrong == 0);
}

TEST_CASE("SSE2: Gaussian's polynomials at every number that they are evaluated at") {
    // Words with the highest bit set make every mantissa, and 24 bits of the other make every angle.
    const ferret::Gaussian::Block block(1);
    int wrong = 0;
    for (std::uint32_t n = 0; n < 1u << 24; n += Simd::width) {
        std::array<std::uint32_t, Simd::width> word0, word1;
        for (std::uint32_t i = 0; i < Simd::width; ++i) {
            word0[i] = 0x80000000u | (n + i) << 7;
            word1[i] = (n + i) << 6 | (n << 28);
        }
        Simd::Floats rows[2];
        ferret::cpu::sse2::RawRows<ferret::Gaussian>::generate(block, Simd::load32(word0.data()),
                                                               Simd::load32(word1.data()), rows);
        Row first, second;
        Simd::store(first.data(), rows[0]);
        Simd::store(second.data(), rows[1]);
        for (std::size_t i = 0; i < Simd::width; ++i) {
            const std::array<float, 2> expected = block.raw_values(word0[i], word1[i], 0);
            wrong += bits_of(first[i]) != bits_of(expected[0]) ||
                     bits_of(second[i]) != bits_of(expected[1]);
        }
    }
    CHECK(wrong == 0);
}

#endif
