#include "support/few_bits.hpp"
#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/wire/few_bits_reference.hpp>
#include <limits>
#include <string>
#include <vector>

using ferret::CoordinateFormat;
using ferret::Cpu;
using ferret::RotatedChunk;
using ferret::Rotation;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::few_bits_formats;
using ferret_test::heavy_tailed_values;
using ferret_test::normal_values;
using ferret_test::one_hot;
using ferret_test::same_bits;
using ferret_test::sketch_of;

namespace {

using Floats = std::vector<float>;
using Bytes = std::vector<std::byte>;
using Chunks = std::vector<RotatedChunk>;

constexpr Rotation some_rotation{ferret_test::seed, 9};

Chunks chunks_of(std::size_t count) {
    const auto bases = static_cast<std::uint32_t>(count);
    return ferret::cut_into_chunks({&bases, 1});
}

Bytes encoded(const Floats& values, CoordinateFormat format, const Rotation& rotation,
              const Cpu& cpu = {}) {
    return ferret::encode_few_bits(values, chunks_of(values.size()), format, rotation, cpu, "test");
}

Floats decoded(const Bytes& bytes, std::size_t count, CoordinateFormat format,
               const Rotation& rotation, const Cpu& cpu = {}) {
    Floats values(count, std::nanf(""));
    ferret::decode_few_bits(bytes, chunks_of(count), format, rotation, cpu, "test", values);
    return values;
}

Floats through(const Floats& values, CoordinateFormat format,
               const Rotation& rotation = some_rotation) {
    return decoded(encoded(values, format, rotation), values.size(), format, rotation);
}

double product(const Floats& a, const Floats& b, const RotatedChunk& chunk) {
    double total = 0.0;
    for (std::size_t i = chunk.first; i < chunk.first + chunk.count; ++i)
        total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return total;
}

/// Whether <y, decoded> = ||y||^2 in every chunk, of `coordinates` large enough that nothing of
/// them is subnormal on the way.
/// Math:   Everything is done twice in float with errors of u = 2^-24 relative to the norms: a turn has at
///         most 13 butterflies one after the other, each of which adds at most u times the norm of
///         what it makes (2 turns there, 2 back: 52 u); the sums in 32 lanes are of at most 256
///         roundings and 5 levels each, all of one sign (2 * 261 u); the square root does not matter, as
///         the levels are what they are; scale and its products take 3 u. <y, decoded> is compared with
///         ||y||^2, and ||decoded|| is sqrt(1 + q) ||y|| <= 1.26 ||y||.
void check_projection_on_itself(const Floats& coordinates, CoordinateFormat format) {
    const Floats rebuilt = through(coordinates, format);
    for (const RotatedChunk& chunk : chunks_of(coordinates.size())) {
        const double norm = product(coordinates, coordinates, chunk);
        const double tolerance = (1.3 * 52.0 + 2.0 * 261.0 + 3.0) * 0x1p-24 * norm;
        CAPTURE(chunk.first);
        CHECK(std::abs(product(coordinates, rebuilt, chunk) - norm) <= tolerance);
    }
}

constexpr std::size_t counts[] = {
    1, 31, 32, 33, 511, 512, 4095, 4096, 8191, 8192, 8193, 3 * 8192 + 100, 300000};

}  // namespace

TEST_CASE("few bits: every instruction set and number of threads has the reference's bits") {
    for (const std::size_t count : counts) {
        CAPTURE(count);
        const Floats values =
            count % 2 == 0 ? normal_values(count, count) : heavy_tailed_values(count, count);
        const Chunks chunks = chunks_of(count);
        for (const CoordinateFormat format : few_bits_formats) {
            CAPTURE(ferret::name_of(format));
            const Bytes bytes =
                ferret::reference::encode_few_bits(values, chunks, format, some_rotation);
            const Floats rebuilt =
                ferret::reference::decode_few_bits(bytes, chunks, format, some_rotation);
            CHECK(bytes.size() == ferret::few_bits_size(chunks, format));
            for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets())
                for (const int threads : {1, 2, 3}) {
                    CAPTURE(static_cast<int>(set));
                    CAPTURE(threads);
                    const Cpu cpu{.threads = threads, .instruction_set = set};
                    CHECK(encoded(values, format, some_rotation, cpu) == bytes);
                    CHECK(same_bits(decoded(bytes, count, format, some_rotation, cpu), rebuilt));
                }
        }
    }
}

TEST_CASE("few bits: planes of other numbers than an encoder writes have the reference's bits") {
    // Magnitudes that a rounding of rotated numbers hardly has, such as the largest everywhere.
    for (const CoordinateFormat format : few_bits_formats) {
        CAPTURE(ferret::name_of(format));
        for (const std::size_t count : {20u, 4096u, 8192u}) {
            Bytes bytes = encoded(normal_values(count, 4), format, some_rotation);
            for (const std::byte fill : {std::byte{0}, std::byte{0xFF}, std::byte{0xA5}}) {
                std::fill(bytes.begin() + 4, bytes.end(), fill);
                const Floats rebuilt = ferret::reference::decode_few_bits(bytes, chunks_of(count),
                                                                          format, some_rotation);
                for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets())
                    CHECK(same_bits(decoded(bytes, count, format, some_rotation,
                                            {.threads = 1, .instruction_set = set}),
                                    rebuilt));
            }
        }
    }
}

TEST_CASE("few bits: sizes") {
    const std::vector<std::uint32_t> bases{8192, 100};
    const Chunks chunks = ferret::cut_into_chunks(bases);
    CHECK(ferret::few_bits_size(chunks, CoordinateFormat::one_bit) == 4 * 4 + (8192 + 128) / 8);
    CHECK(ferret::few_bits_size(chunks, CoordinateFormat::three_bits) ==
          4 * 4 + (8192 + 128) * 3 / 8);
    CHECK(ferret::few_bits_size({}, CoordinateFormat::one_bit) == 0);
    CHECK(encoded({}, CoordinateFormat::one_bit, some_rotation).empty());
}

TEST_CASE("few bits: zeros come back as zeros, whatever their sign") {
    for (const CoordinateFormat format : few_bits_formats)
        for (const std::size_t count : {1u, 33u, 8192u}) {
            Floats zeros(count, 0.0f);
            const Bytes bytes = encoded(zeros, format, some_rotation);
            CHECK(bytes == Bytes(bytes.size()));
            zeros[count / 2] = -0.0f;
            CHECK(encoded(zeros, format, some_rotation) == bytes);
            CHECK(same_bits(decoded(bytes, count, format, some_rotation), Floats(count, 0.0f)));
        }
    // A chunk of zeros beside one of numbers: each has a scale of its own.
    Floats values = normal_values(8192, 1);
    values.resize(2 * 8192, 0.0f);
    const Floats rebuilt = through(values, CoordinateFormat::one_bit);
    for (std::size_t i = 8192; i < rebuilt.size(); ++i) REQUIRE(rebuilt[i] == 0.0f);
    CHECK(ferret_test::squared_norm(rebuilt) > 0.0);
}

TEST_CASE("few bits: -0 among numbers is a zero") {
    Floats values = normal_values(512, 5);
    values[7] = 0.0f;
    const Bytes bytes = encoded(values, CoordinateFormat::four_bits, some_rotation);
    values[7] = -0.0f;
    CHECK(encoded(values, CoordinateFormat::four_bits, some_rotation) == bytes);
}

TEST_CASE("few bits: <y, decoded> = ||y||^2 for lists of every kind") {
    for (const CoordinateFormat format : few_bits_formats) {
        CAPTURE(ferret::name_of(format));
        for (const std::size_t count : {1u, 31u, 100u, 512u, 4096u, 8193u, 30000u}) {
            CAPTURE(count);
            check_projection_on_itself(normal_values(count, count), format);
            check_projection_on_itself(heavy_tailed_values(count, count), format);
            check_projection_on_itself(Floats(count, -3.25f), format);
            check_projection_on_itself(one_hot(count, count / 3, 1e-10f), format);
            Floats alternating(count);
            for (std::size_t i = 0; i < count; ++i) alternating[i] = i % 2 == 0 ? 1.0f : -1.0f;
            check_projection_on_itself(alternating, format);
        }
    }
}

TEST_CASE("few bits: the error is normal_noise even of lists that are far from normal") {
    // ||decoded||^2 of a chunk of s numbers varies by about 0.5 / sqrt(s) of itself with one bit: 0.6%
    // here, 1.6% of the error. Five times that is allowed. A one-hot list varies as 512 numbers do, of
    // which it then has 16 copies.
    constexpr std::size_t count = 8192;
    const Floats lists[] = {normal_values(count, 1), heavy_tailed_values(count, 2),
                            one_hot(count, 4321, -7.0f), Floats(count, 1.0f)};
    for (const CoordinateFormat format : few_bits_formats)
        for (const Floats& values : lists) {
            CAPTURE(ferret::name_of(format));
            const double error = ferret_test::squared_distance(through(values, format), values) /
                                 ferret_test::squared_norm(values);
            const double spread = values[4321] == -7.0f ? 0.32 : 0.08;
            CHECK(error == doctest::Approx(ferret::normal_noise(format)).epsilon(spread));
        }
}

TEST_CASE("few bits: a power of two changes nothing but scales") {
    const Floats values = heavy_tailed_values(5000, 3);
    for (const CoordinateFormat format : few_bits_formats)
        for (const float factor : {0x1p-80f, 0.5f, 0x1p60f}) {
            Floats scaled = values;
            for (float& value : scaled) value *= factor;
            Floats expected = through(values, format);
            for (float& value : expected) value *= factor;
            CHECK(same_bits(through(scaled, format), expected));
        }
}

TEST_CASE("few bits: magnitudes from subnormal to the limit") {
    constexpr float tiny = std::numeric_limits<float>::denorm_min();
    const float below = std::nextafter(ferret::few_bits_limit, 0.0f);
    for (const CoordinateFormat format : few_bits_formats) {
        CAPTURE(ferret::name_of(format));
        check_projection_on_itself(Floats(100, below), format);
        check_projection_on_itself(one_hot(8192, 8191, -below), format);
        Floats mixed = normal_values(8192, 6);
        mixed[0] = below;
        mixed[1] = tiny;
        check_projection_on_itself(mixed, format);
        // Numbers as small as this lose bits, but nothing becomes infinite or a nan, and every
        // instruction set loses the same.
        for (const float magnitude : {tiny, 1000.0f * tiny, 0x1p-126f, 0x1p-118f}) {
            CAPTURE(magnitude);
            Floats values(33, magnitude);
            values[32] = -magnitude;
            const Bytes bytes =
                ferret::reference::encode_few_bits(values, chunks_of(33), format, some_rotation);
            const Floats rebuilt =
                ferret::reference::decode_few_bits(bytes, chunks_of(33), format, some_rotation);
            for (const float value : rebuilt) CHECK(std::abs(value) <= 8.0f * magnitude);
            for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
                const Cpu cpu{.threads = 1, .instruction_set = set};
                CHECK(encoded(values, format, some_rotation, cpu) == bytes);
                CHECK(same_bits(decoded(bytes, 33, format, some_rotation, cpu), rebuilt));
            }
        }
    }
}

TEST_CASE("few bits: what is too large is refused, naming where") {
    Floats values = normal_values(3 * 8192 + 100, 7);
    values[8192 + 5] = ferret::few_bits_limit;
    for (const float large :
         {ferret::few_bits_limit, -ferret::few_bits_limit, std::numeric_limits<float>::max()}) {
        values[8192 + 5] = large;
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets())
            for (const CoordinateFormat format : few_bits_formats) {
                const std::string message = error_message<ferret::NonFinite>([&] {
                    static_cast<void>(encoded(values, format, some_rotation,
                                              {.threads = 2, .instruction_set = set}));
                });
                CHECK(contains(message, "test: expected coordinates under"));
                CHECK(contains(message, "from 8192 on"));
            }
    }
}

TEST_CASE("few bits: rotations round differently, and each always alike") {
    for (const std::size_t count : {40u, 8192u}) {
        const Floats values = normal_values(count, 8);
        for (const CoordinateFormat format : few_bits_formats) {
            const Bytes first = encoded(values, format, {ferret_test::seed, 0});
            CHECK(encoded(values, format, {ferret_test::seed, 0}) == first);
            CHECK(encoded(values, format, {ferret_test::seed, 1}) != first);
            CHECK(encoded(values, format, {{42, 8}, 0}) != first);
            CHECK(encoded(values, format, {{43, 7}, 0}) != first);
        }
    }
    // Chunks of one message have signs of their own.
    Floats twice = normal_values(8192, 9);
    twice.insert(twice.end(), twice.begin(), twice.begin() + 8192);
    const Bytes bytes = encoded(twice, CoordinateFormat::one_bit, some_rotation);
    const auto half = static_cast<std::ptrdiff_t>(bytes.size() / 2);
    CHECK(Bytes(bytes.begin(), bytes.begin() + half) != Bytes(bytes.begin() + half, bytes.end()));
}

TEST_CASE("few bits: a nan is refused wherever it lies") {
    for (const std::size_t at : {0u, 40u, 8000u}) {
        Floats values = normal_values(8192, 8);
        values[at] = std::numeric_limits<float>::quiet_NaN();
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets())
            CHECK_THROWS_AS(static_cast<void>(ferret::encode_few_bits(
                                values, chunks_of(8192), CoordinateFormat::one_bit, some_rotation,
                                ferret::Cpu{.threads = 1, .instruction_set = set}, "test")),
                            ferret::NonFinite);
        // Among zeros too, which have no largest magnitude to tell it by.
        Floats alone(8192, 0.0f);
        alone[at] = values[at];
        for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets())
            CHECK_THROWS_AS(static_cast<void>(ferret::encode_few_bits(
                                alone, chunks_of(8192), CoordinateFormat::one_bit, some_rotation,
                                ferret::Cpu{.threads = 1, .instruction_set = set}, "test")),
                            ferret::NonFinite);
    }
}
