#include "support/few_bits.hpp"
#include "support/statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/wire/few_bits_reference.hpp>
#include <functional>
#include <string>
#include <vector>

// What few bits are for: coordinates stay unbiased, and cost normal_noise of their energy whatever the
// update is. Bounds are five standard errors, estimated from the averaged values themselves over fixed
// seeds: a right library fails one of the 60 checks with probability 6e-7.

using ferret::CoordinateFormat;
using ferret::Rotation;
using ferret_test::RunningMean;
using ferret_test::squared_distance;
using ferret_test::squared_norm;

namespace {

using Floats = std::vector<float>;

const ferret::Cpu one_thread{.threads = 1};

constexpr std::array<CoordinateFormat, 3> formats{
    CoordinateFormat::one_bit, CoordinateFormat::two_bits, CoordinateFormat::four_bits};

struct Update {
    std::string name;
    Floats values;
};

/// Lists from smooth to as spiky as there are.
std::vector<Update> updates_of(std::size_t size) {
    const Floats normal = ferret_test::normal_values(size, 1);
    Floats cubed = ferret_test::normal_values(size, 2);
    for (float& value : cubed) value = value * value * value;
    Floats giant = ferret_test::normal_values(size, 3);
    // Its square is about ten times that of all others together.
    giant[size / 3] = 3.0f * std::sqrt(static_cast<float>(size));
    return {{"normal", normal},
            {"cubed normal", cubed},
            {"heavy-tailed", ferret_test::heavy_tailed_values(size, 4)},
            {"one giant", giant},
            {"one-hot", ferret_test::one_hot(size, size / 2 + 1, -0.3f)}};
}

Floats through(const Floats& coordinates, CoordinateFormat format, const Rotation& rotation) {
    const auto bases = static_cast<std::uint32_t>(coordinates.size());
    const auto chunks = ferret::cut_into_chunks({&bases, 1});
    Floats decoded(coordinates.size());
    ferret::decode_few_bits(
        ferret::encode_few_bits(coordinates, chunks, format, rotation, one_thread, "test"), chunks,
        format, rotation, one_thread, "test", decoded);
    return decoded;
}

/// The same levels and scale after fewer turns than the library makes.
/// Shapes: as many coordinates as one chunk has
Floats after_turns(unsigned turns, Floats values, CoordinateFormat format,
                   const Rotation& rotation) {
    namespace reference = ferret::reference;
    const auto size = static_cast<double>(values.size());
    for (unsigned t = 0; t < turns; ++t) {
        reference::flip_signs(values, rotation, t, 0);
        reference::turn(values, 1);
    }
    const auto deviation = static_cast<float>(std::sqrt(squared_norm(values) / size));
    Floats rounded;
    double products = 0.0;
    for (const float value : values) {
        const unsigned bits = ferret::bits_of(format);
        const unsigned number = reference::level_number(std::abs(value), deviation, bits);
        rounded.push_back(std::copysign(reference::level_of(number, bits), value));
        products += static_cast<double>(rounded.back()) * static_cast<double>(value);
    }
    const double scale = squared_norm(values) / products / std::pow(size, turns);
    for (unsigned t = turns; t-- > 0;) {
        reference::turn(rounded, 1);
        reference::flip_signs(rounded, rotation, t, 0);
    }
    for (float& value : rounded) value = static_cast<float>(static_cast<double>(value) * scale);
    return rounded;
}

/// How far the mean error of a one-hot list of so many coordinates, relative to its energy, may be from
/// normal_noise.
/// Math:   rotated, it has sums of n signs, multiples of h = 2 / sqrt(n) standard deviations. Of
///         uniformly distributed numbers in a cell of width w only every h-th there is, and their error
///         is off by up to (h / w)^2 of itself; with one bit the mean of |sum| is off by 1 / (4 n)
///         of itself, which is (1 + q) / (2 n) of the energy, less than that
double lattice_effect(std::size_t size, CoordinateFormat format) {
    const auto signs = static_cast<double>(ferret::turn_gain(0, size));
    const double width =
        2.0 * static_cast<double>(ferret::reference::normal_levels(ferret::bits_of(format))[0]);
    return 4.0 / signs / (width * width) * ferret::normal_noise(format);
}

/// What a receiver makes of coordinates that came through a channel.
using Channel =
    std::function<Floats(const Floats& coordinates, CoordinateFormat format, const Rotation&)>;

/// The mean of ||rebuilt - delta||^2 / ||delta||^2 over seeds, for each of `formats`.
std::array<RunningMean, formats.size()> errors_of(const ferret::Basis& basis, std::uint64_t bases,
                                                  const Floats& delta, std::uint64_t seeds,
                                                  const Channel& channel) {
    const auto layout = ferret::Layout::per_tensor({delta.size()});
    const ferret::Projector project{layout, basis, ferret::Uniform{bases}, one_thread};
    const ferret::Reconstructor reconstruct{layout, basis, one_thread};
    const double norm = squared_norm(delta);
    std::array<RunningMean, formats.size()> errors;
    Floats rebuilt(delta.size());
    for (std::uint64_t value = 0; value < seeds; ++value) {
        const ferret::Seed seed{value, 3};
        const ferret::Sketch sketch = project(delta, seed);
        for (std::size_t f = 0; f < formats.size(); ++f) {
            ferret::Sketch received = sketch;
            received.coordinates = channel(sketch.coordinates, formats[f], {seed, 1});
            std::fill(rebuilt.begin(), rebuilt.end(), 0.0f);
            reconstruct(received, rebuilt, 1.0f);
            errors[f].add(squared_distance(rebuilt, delta) / norm);
        }
    }
    return errors;
}

/// How far a mean of rotations is from what was encoded, and how far it may be.
/// Math:   of R roundings that are independent and unbiased the mean y' has E||y' - y||^2 = q / R
///         ||y||^2. A bias b would add ||b||^2 to that. Averaged: R ||y' - y||^2 / ||y||^2 of groups of R
RunningMean distance_of_means(const Floats& y, CoordinateFormat format, std::uint32_t groups,
                              std::uint32_t in_group, const Channel& channel) {
    RunningMean distances;
    const double norm = squared_norm(y);
    for (std::uint32_t group = 0; group < groups; ++group) {
        std::vector<double> sums(y.size(), 0.0);
        for (std::uint32_t r = 0; r < in_group; ++r) {
            const Floats decoded =
                channel(y, format, {ferret_test::seed, 1 + group * in_group + r});
            for (std::size_t i = 0; i < y.size(); ++i) sums[i] += static_cast<double>(decoded[i]);
        }
        double distance = 0.0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double difference = sums[i] / in_group - static_cast<double>(y[i]);
            distance += difference * difference;
        }
        distances.add(in_group * distance / norm);
    }
    return distances;
}

Channel without_turns() {
    return [](const Floats& y, CoordinateFormat format, const Rotation& rotation) {
        return after_turns(0, y, format, rotation);
    };
}

}  // namespace

// With V the bases of SparseSign, V^T V = d/K I, gamma = V^T delta and decoded coordinates g,
// ||V g - delta||^2 = d/K ||g||^2 - 2 <gamma, g> + ||delta||^2. Signs are independent, so E||gamma||^2 =
// ||delta||^2; the scale makes <gamma, g> = ||gamma||^2, and so E||g||^2 = (1 + q) ||gamma||^2. What a
// chunk of s numbers changes in that is of the order q / s, but for one-hot lists (lattice_effect).
TEST_CASE("few bits: SparseSign's error is d/K - 1 + d/K q for every update") {
    constexpr double ratio = 64.0;
    for (const std::uint64_t bases : {512u, 4096u}) {
        const std::uint64_t seeds = bases == 512 ? 500 : 100;
        for (const Update& update : updates_of(64 * bases)) {
            CAPTURE(bases);
            CAPTURE(update.name);
            const auto errors =
                errors_of(ferret::SparseSign{}, bases, update.values, seeds, through);
            for (std::size_t f = 0; f < formats.size(); ++f) {
                CAPTURE(ferret::name_of(formats[f]));
                const double expected = ratio - 1.0 + ratio * ferret::normal_noise(formats[f]);
                const double lattice =
                    update.name == "one-hot" ? ratio * lattice_effect(bases, formats[f]) : 0.0;
                // Of a one-hot list in chunks from 4096 on each number is there 16 times, so its
                // error varies as that of 256 numbers does.
                CHECK(5.0 * errors[f].standard_error() < 0.025 * expected);
                CHECK(std::abs(errors[f].mean() - expected) <=
                      5.0 * errors[f].standard_error() + lattice);
            }
        }
    }
}

TEST_CASE("few bits: without the turn only updates that are smooth keep the law") {
    constexpr std::uint64_t bases = 512;
    for (const Update& update : updates_of(64 * bases)) {
        CAPTURE(update.name);
        const auto errors =
            errors_of(ferret::SparseSign{}, bases, update.values, 100, without_turns());
        for (std::size_t f = 0; f < formats.size(); ++f) {
            CAPTURE(ferret::name_of(formats[f]));
            const double expected = 63.0 + 64.0 * ferret::normal_noise(formats[f]);
            // Sums of 64 normally distributed numbers are normally distributed as they are.
            if (update.name == "normal")
                CHECK(std::abs(errors[f].mean() - expected) <= 5.0 * errors[f].standard_error());
            if (update.name == "heavy-tailed" || update.name == "one-hot")
                CHECK(errors[f].mean() - 63.0 > 3.0 * 64.0 * ferret::normal_noise(formats[f]));
        }
    }
}

// With V of independent entries of variance rho, gamma = V^T delta / (rho K) and g = gamma + e:
// E||V gamma - delta||^2 = (d - 2 + kurtosis) / K ||delta||^2 (basis/expectation_test.cpp). e has mean 0
// given V, so the cross term vanishes. Of V e the part along delta is rho K <gamma, e> / ||delta||^2
// delta, and <gamma, e> = 0; the rest of V, d - 1 dimensions, has nothing to do with gamma for normal
// entries, and up to 1 / d for those of any law, so E||V e||^2 = rho (d - 1) E||e||^2, with E||e||^2 = q
// E||gamma||^2 = q ||delta||^2 / (rho K).
TEST_CASE("few bits: a dense basis's error is (d - 2 + kurtosis) / K + (d - 1) / K q") {
    constexpr std::size_t size = 4096;
    constexpr std::uint64_t bases = 512;
    // Truncated so narrowly that it is uniform, up to 1 / d.
    constexpr double kurtosis = 1.8;
    for (const Update& update : updates_of(size)) {
        if (update.name != "normal" && update.name != "heavy-tailed") continue;
        CAPTURE(update.name);
        const auto errors =
            errors_of(ferret::TruncatedNormal<16>{}, bases, update.values, 100, through);
        for (std::size_t f = 0; f < formats.size(); ++f) {
            CAPTURE(ferret::name_of(formats[f]));
            const double expected =
                (size - 2.0 + kurtosis + (size - 1.0) * ferret::normal_noise(formats[f])) / bases;
            CHECK(5.0 * errors[f].standard_error() < 0.05 * expected);
            CHECK(std::abs(errors[f].mean() - expected) <= 5.0 * errors[f].standard_error());
        }
    }
}

TEST_CASE("few bits: roundings of many rotations average out to what was encoded") {
    for (const std::size_t size : {1024u, 4096u})
        for (const Update& update : updates_of(size))
            for (const CoordinateFormat format : formats) {
                CAPTURE(size);
                CAPTURE(update.name);
                CAPTURE(ferret::name_of(format));
                const RunningMean distance =
                    distance_of_means(update.values, format, 20, 40, through);
                const double noise = ferret::normal_noise(format);
                const double lattice =
                    update.name == "one-hot" ? lattice_effect(size, format) : 0.0;
                // A bias of 0.2% of the energy with one bit, and of 4e-5 with four, fails here.
                CHECK(5.0 * distance.standard_error() < 0.15 * noise);
                CHECK(std::abs(distance.mean() - noise) <=
                      5.0 * distance.standard_error() + lattice);
            }
}

TEST_CASE("few bits: after one turn a single giant hides all others, after two it does not") {
    constexpr std::size_t size = 1024;
    const Floats y = updates_of(size)[3].values;
    const Channel one_turn = [](const Floats& values, CoordinateFormat format,
                                const Rotation& rotation) {
        return after_turns(1, values, format, rotation);
    };
    constexpr std::uint32_t in_group = 100;
    const double noise = ferret::normal_noise(CoordinateFormat::one_bit);
    const double once =
        distance_of_means(y, CoordinateFormat::one_bit, 2, in_group, one_turn).mean();
    // More than 3% of the energy is bias, over a hundredth of the noise of one rounding.
    CHECK(once / in_group > 0.03 + noise / in_group);
    const double twice =
        distance_of_means(y, CoordinateFormat::one_bit, 2, in_group, through).mean();
    CHECK(twice / in_group < 0.003 + noise / in_group);
}
