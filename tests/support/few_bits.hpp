#pragma once

#include "support/updates.hpp"

#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace ferret_test {

/// The formats that rotate coordinates.
inline constexpr ferret::CoordinateFormat few_bits_formats[] = {
    ferret::CoordinateFormat::one_bit, ferret::CoordinateFormat::two_bits,
    ferret::CoordinateFormat::three_bits, ferret::CoordinateFormat::four_bits,
    ferret::CoordinateFormat::eight_bits};

/// A sketch of one block with these coordinates.
inline ferret::Sketch sketch_of(std::vector<float> coordinates) {
    const auto count = static_cast<std::uint32_t>(coordinates.size());
    return {seed, ferret::SparseSign::id, 3, {count}, std::move(coordinates)};
}

/// Numbers of a distribution.
template <class Distribution>
std::vector<float> drawn_values(Distribution distribution, std::size_t count, std::uint64_t salt) {
    std::mt19937_64 random(salt);
    std::vector<float> values(count);
    for (float& value : values) value = distribution(random);
    return values;
}

inline std::vector<float> normal_values(std::size_t count, std::uint64_t salt) {
    return drawn_values(std::normal_distribution<float>(), count, salt);
}

/// Numbers without a variance: a few of them have nearly all of the energy.
inline std::vector<float> heavy_tailed_values(std::size_t count, std::uint64_t salt) {
    return drawn_values(std::cauchy_distribution<float>(), count, salt);
}

/// Zeros but for one number.
inline std::vector<float> one_hot(std::size_t count, std::size_t at, float value) {
    std::vector<float> values(count, 0.0f);
    values[at] = value;
    return values;
}

inline double squared_norm(const std::vector<float>& values) {
    double total = 0.0;
    for (const float value : values)
        total += static_cast<double>(value) * static_cast<double>(value);
    return total;
}

inline double squared_distance(const std::vector<float>& a, const std::vector<float>& b) {
    double total = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        total += difference * difference;
    }
    return total;
}

}  // namespace ferret_test
