#include "support/few_bits.hpp"
#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/loops.hpp>
#include <random>
#include <vector>

// The kernels of every instruction set against those in plain C++, number for number.

namespace cpu = ferret::cpu;
using cpu::FewBitsKernels;
using ferret_test::same_bits;

namespace {

using Floats = std::vector<float>;
using Words = std::vector<std::uint32_t>;

const FewBitsKernels& plain() {
    return cpu::few_bits_kernels<cpu::portable::Loops>;
}

/// Calls action(kernels) for every instruction set that this processor has.
template <class Action>
void for_each_set(const Action& action) {
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(static_cast<int>(set));
        action(cpu::few_bits_kernels_of(set));
    }
}

/// Numbers of many magnitudes, zeros of both signs and numbers so small that products of them vanish.
Floats varied(std::size_t count, std::uint64_t salt) {
    Floats values = ferret_test::heavy_tailed_values(count, salt);
    for (std::size_t i = 0; i < count; i += 7) values[i] = i % 2 == 0 ? 0.0f : -0.0f;
    for (std::size_t i = 3; i < count; i += 11) values[i] *= 0x1p-130f;
    return values;
}

Words random_words(std::size_t count) {
    std::mt19937 random(5);
    Words words(count);
    for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random());
    return words;
}

constexpr std::size_t counts[] = {32, 64, 128, 256, 512, 1024, 2048, 4096, 8192};

/// A format's kernels, and their bits.
struct Format {
    FewBitsKernels::Rounding FewBitsKernels::*rounding;
    unsigned bits;
};
constexpr Format formats[] = {{&FewBitsKernels::one_bit, 1},
                              {&FewBitsKernels::two_bits, 2},
                              {&FewBitsKernels::three_bits, 3},
                              {&FewBitsKernels::four_bits, 4},
                              {&FewBitsKernels::eight_bits, 8}};

}  // namespace

TEST_CASE("few bits kernels: signs are flipped") {
    for (const std::size_t count : counts) {
        CAPTURE(count);
        const Floats values = varied(count, count);
        const Words words = random_words(std::max<std::size_t>(32, count / 32));
        for (const float factor : {1.0f, 0x1p-3f, 0.7f, 0x1p126f, 0x1p-126f}) {
            Floats expected(count);
            plain().flip_signs(values.data(), factor, words.data(), count, expected.data());
            // Rademacher's order: word by lane, highest bit first, 32 rows of 16.
            for (const std::size_t i : {std::size_t{0}, std::size_t{17}, count - 1}) {
                const std::uint32_t word = words[i / 512 * 16 + i % 16];
                const bool negative = (word >> (31 - i / 16 % 32) & 1u) != 0;
                const float value = factor * values[i];
                CHECK(std::bit_cast<std::uint32_t>(expected[i]) ==
                      std::bit_cast<std::uint32_t>(negative ? -value : value));
            }
            for_each_set([&](const FewBitsKernels& kernels) {
                Floats to(count), in_place = values;
                kernels.flip_signs(values.data(), factor, words.data(), count, to.data());
                kernels.flip_signs(in_place.data(), factor, words.data(), count, in_place.data());
                CHECK(same_bits(to, expected));
                CHECK(same_bits(in_place, expected));
            });
        }
    }
}

TEST_CASE("few bits kernels: butterflies") {
    for (const std::size_t count : counts)
        for (const std::size_t shortest : {1u, 16u}) {
            CAPTURE(count);
            CAPTURE(shortest);
            Floats expected = varied(count, count + 1);
            const Floats values = expected;
            plain().hadamard(expected.data(), count, shortest, 0);
            for_each_set([&](const FewBitsKernels& kernels) {
                Floats found = values;
                kernels.hadamard(found.data(), count, shortest, 0);
                CHECK(same_bits(found, expected));
            });
        }
}

TEST_CASE("few bits kernels: a turn is flipped signs and then butterflies") {
    for (const std::size_t count : counts)
        for (const std::size_t shortest : {1u, 16u})
            for (const float factor : {1.0f, 0x1p-5f}) {
                CAPTURE(count);
                CAPTURE(shortest);
                const Floats values = varied(count, count + 2);
                const Words words = random_words(std::max<std::size_t>(32, count / 32));
                Floats expected(count);
                plain().flip_signs(values.data(), factor, words.data(), count, expected.data());
                plain().hadamard(expected.data(), count, shortest, 0);
                for_each_set([&](const FewBitsKernels& kernels) {
                    Floats to(count), in_place = values;
                    kernels.turn(values.data(), factor, words.data(), to.data(), count, shortest,
                                 0);
                    kernels.turn(in_place.data(), factor, words.data(), in_place.data(), count,
                                 shortest, 0);
                    CHECK(same_bits(to, expected));
                    CHECK(same_bits(in_place, expected));
                });
            }
}

TEST_CASE("few bits kernels: butterflies from 1 on are Hadamard's matrix") {
    // Entry (i, j) is -1 where i and j have an odd number of bits in common. Integers: exact.
    constexpr std::size_t count = 128;
    Floats values = ferret_test::simple_update(count);
    for (float& value : values) value *= 1024.0f;
    for (const std::size_t shortest : {1u, 16u}) {
        Floats found = values;
        plain().hadamard(found.data(), count, shortest, 0);
        for (std::size_t i = 0; i < count; ++i) {
            float expected = 0.0f;
            for (std::size_t j = i % shortest; j < count; j += shortest)
                expected +=
                    std::popcount(i / shortest & j / shortest) % 2 == 0 ? values[j] : -values[j];
            CHECK(found[i] == expected);
        }
    }
}

TEST_CASE("few bits kernels: the largest magnitude and the sum of squares") {
    for (const std::size_t count : counts) {
        CAPTURE(count);
        Floats values = varied(count, count + 2);
        for (const std::size_t at : {std::size_t{0}, count / 2 + 1, count - 1}) {
            values[at] = -0x1p70f * static_cast<float>(at + 1);
            const float largest = plain().largest_magnitude(values.data(), count);
            CHECK(largest == -values[at]);
            const float squares =
                plain().sum_of_squares(ferret_test::normal_values(count, at).data(), count);
            for_each_set([&](const FewBitsKernels& kernels) {
                CHECK(kernels.largest_magnitude(values.data(), count) == largest);
                CHECK(kernels.sum_of_squares(ferret_test::normal_values(count, at).data(), count) ==
                      squares);
            });
        }
        const Floats zeros(count, -0.0f);
        for_each_set([&](const FewBitsKernels& kernels) {
            CHECK(kernels.largest_magnitude(zeros.data(), count) == 0.0f);
            CHECK(kernels.sum_of_squares(zeros.data(), count) == 0.0f);
        });
    }
}

TEST_CASE("few bits kernels: rounding to levels") {
    for (const Format& format : formats)
        for (const std::size_t count : counts) {
            CAPTURE(format.bits);
            CAPTURE(count);
            for (const float deviation : {1.0f, 0.37f, 1000.0f}) {
                Floats values = varied(count, count + 3);
                for (float& value : values) value *= deviation;
                const std::size_t planes = count / 32 * format.bits;
                Words expected(planes, 0xDEADBEEFu);
                const float sum = (plain().*format.rounding)
                                      .pack(values.data(), count, deviation, expected.data());
                for_each_set([&](const FewBitsKernels& kernels) {
                    Words found(planes + 1, 0xDEADBEEFu);
                    CHECK((kernels.*format.rounding)
                              .pack(values.data(), count, deviation, found.data()) == sum);
                    CHECK(found.back() == 0xDEADBEEFu);
                    found.pop_back();
                    CHECK(found == expected);
                });
            }
        }
}

TEST_CASE("few bits kernels: magnitudes at thresholds and one step beside them") {
    for (const Format& format : formats) {
        CAPTURE(format.bits);
        for (const float deviation : {1.0f, 0.7310586f}) {
            Floats middles;
            if (format.bits == 8)
                for (int n = 0; n < 128; ++n)
                    middles.push_back((static_cast<float>(n) + 0.5f) / 32.0f * deviation);
            const auto add = [&](std::span<const float> thresholds) {
                for (const float threshold : thresholds) middles.push_back(threshold * deviation);
            };
            if (format.bits == 2) add(ferret::NormalLevels<2>::thresholds);
            if (format.bits == 3) add(ferret::NormalLevels<3>::thresholds);
            if (format.bits == 4) add(ferret::NormalLevels<4>::thresholds);
            Floats values;
            for (const float middle : middles)
                for (const float sign : {1.0f, -1.0f})
                    for (const float value :
                         {std::nextafter(middle, 0.0f), middle, std::nextafter(middle, 1e9f)})
                        values.push_back(sign * value);
            values.push_back(1e30f);  // far beyond the largest level
            values.resize(std::bit_ceil(std::max<std::size_t>(32, values.size())), -0.0f);
            const std::size_t planes = values.size() / 32 * format.bits;
            Words expected(planes);
            const float sum = (plain().*format.rounding)
                                  .pack(values.data(), values.size(), deviation, expected.data());
            for_each_set([&](const FewBitsKernels& kernels) {
                Words found(planes);
                CHECK((kernels.*format.rounding)
                          .pack(values.data(), values.size(), deviation, found.data()) == sum);
                CHECK(found == expected);
            });
        }
    }
}

TEST_CASE("few bits kernels: levels from planes") {
    for (const Format& format : formats)
        for (const std::size_t count : counts) {
            CAPTURE(format.bits);
            CAPTURE(count);
            const Words planes = random_words(count / 32 * format.bits);
            Floats expected(count);
            (plain().*format.rounding).unpack(planes.data(), count, expected.data());
            for_each_set([&](const FewBitsKernels& kernels) {
                Floats found(count);
                (kernels.*format.rounding).unpack(planes.data(), count, found.data());
                CHECK(same_bits(found, expected));
                // Levels are what they are rounded to.
                Words again(planes.size());
                const float deviation = format.bits == 8 ? 32.0f : 1.0f;
                (kernels.*format.rounding).pack(found.data(), count, deviation, again.data());
                CHECK(again == planes);
            });
        }
}

TEST_CASE("few bits kernels: signs come from Philox as Rademacher's do") {
    const cpu::WordSource source{{12345, 678}, 3, 5};
    Words expected(256);
    plain().make_words(source, 0, 8, expected.data());
    for_each_set([&](const FewBitsKernels& kernels) {
        for (const std::size_t groups : {1u, 2u, 3u, 4u, 8u}) {
            Words found(32 * groups);
            kernels.make_words(source, 0, groups, found.data());
            CHECK(std::equal(found.begin(), found.end(), expected.begin()));
        }
    });
}
