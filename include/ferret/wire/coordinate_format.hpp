#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ferret {

/// How coordinates travel.
enum class CoordinateFormat : std::uint8_t {
    float32 = 1,  ///< 4 bytes each, exact
    int16 = 2,    ///< 2 bytes each and a float scale a block: off by at most half the scale,
                  ///< or 2^-135 where that is subnormal
    // Few bits each, rotated and rounded to levels of the normal distribution (wire/few_bits.hpp):
    // unbiased, with noise of normal_noise() times the coordinates' energy.
    one_bit = 17,
    two_bits = 18,
    three_bits = 19,
    four_bits = 20,
    eight_bits = 24,
};

/// Every format by name, those of fewer bytes first.
inline constexpr std::array<std::pair<std::string_view, CoordinateFormat>, 7>
    coordinate_format_names{{
        {"1bit", CoordinateFormat::one_bit},
        {"2bit", CoordinateFormat::two_bits},
        {"3bit", CoordinateFormat::three_bits},
        {"4bit", CoordinateFormat::four_bits},
        {"8bit", CoordinateFormat::eight_bits},
        {"int16", CoordinateFormat::int16},
        {"float32", CoordinateFormat::float32},
    }};

constexpr std::string_view name_of(CoordinateFormat format) {
    for (const auto& [name, known] : coordinate_format_names)
        if (known == format) return name;
    return "unknown";
}

/// Whether coordinates are rotated before they are rounded.
constexpr bool is_rotated(CoordinateFormat format) {
    return static_cast<std::uint8_t>(format) > 16;
}

/// Bits of a coordinate.
constexpr unsigned bits_of(CoordinateFormat format) {
    if (format == CoordinateFormat::float32) return 32;
    if (format == CoordinateFormat::int16) return 16;
    return static_cast<std::uint8_t>(format) - 16u;
}

/// Math:   q = E||decoded - y||^2 / ||y||^2 for coordinates y that are rotated; for int16 and float32
///         less than is worth counting
/// Source: Vargaftik et al., DRIVE (NeurIPS 2021), EDEN (ICML 2022)
constexpr double normal_noise(CoordinateFormat format) {
    switch (format) {
        case CoordinateFormat::one_bit:
            return 0.5707963267948966;  // pi / 2 - 1
        case CoordinateFormat::two_bits:
            return 0.1331211687151892;
        case CoordinateFormat::three_bits:
            return 0.035784018499681824;
        case CoordinateFormat::four_bits:
            return 0.009592143035992429;
        case CoordinateFormat::eight_bits:
            return 8.852014171711886e-05;
        case CoordinateFormat::int16:
        case CoordinateFormat::float32:
            break;
    }
    return 0.0;
}

}  // namespace ferret
