#include <doctest/doctest.h>

#include <ferret/wire/coordinate_format.hpp>
#include <set>
#include <string>

using ferret::bits_of;
using ferret::CoordinateFormat;
using ferret::is_rotated;
using ferret::name_of;

TEST_CASE("formats have the numbers and names that messages and options use") {
    CHECK(static_cast<int>(CoordinateFormat::float32) == 1);
    CHECK(static_cast<int>(CoordinateFormat::int16) == 2);
    CHECK(name_of(static_cast<CoordinateFormat>(1)) == "float32");
    CHECK(name_of(static_cast<CoordinateFormat>(2)) == "int16");
    for (const unsigned bits : {1u, 2u, 3u, 4u, 8u}) {
        CAPTURE(bits);
        const auto format = static_cast<CoordinateFormat>(16 + bits);
        CHECK(name_of(format) == std::to_string(bits) + "bit");
        CHECK(bits_of(format) == bits);
        CHECK(is_rotated(format));
    }
    for (const int unknown : {0, 3, 16, 21, 22, 23, 25, 255})
        CHECK(name_of(static_cast<CoordinateFormat>(unknown)) == "unknown");
}

TEST_CASE("formats are listed once each, those of fewer bits and of more noise first") {
    std::set<CoordinateFormat> seen;
    unsigned bits = 0;
    double noise = 1.0;
    for (const auto& entry : ferret::coordinate_format_names) {
        const std::string_view name = entry.first;
        const CoordinateFormat format = entry.second;
        CAPTURE(name);
        CHECK(seen.insert(format).second);
        CHECK(name_of(format) == name);
        CHECK(bits_of(format) > bits);
        bits = bits_of(format);
        if (is_rotated(format)) {
            CHECK(ferret::normal_noise(format) > 0.0);
            CHECK(ferret::normal_noise(format) < noise);
            noise = ferret::normal_noise(format);
        }
    }
    CHECK(bits == 32);
    CHECK_FALSE(is_rotated(CoordinateFormat::float32));
    CHECK_FALSE(is_rotated(CoordinateFormat::int16));
    CHECK(ferret::normal_noise(CoordinateFormat::int16) == 0.0);
    CHECK(ferret::normal_noise(CoordinateFormat::float32) == 0.0);
}
