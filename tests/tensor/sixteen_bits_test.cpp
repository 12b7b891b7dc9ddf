#include "support/instruction_sets.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/tensor/dtype.hpp>
#include <limits>
#include <type_traits>
#include <vector>

// ferret's 16-bit types, and the kernels' loads and stores of them, against Eigen's.

using ferret::bfloat16;
using ferret::half;

namespace {

template <class T>
using EigenType = std::conditional_t<std::is_same_v<T, bfloat16>, Eigen::bfloat16, Eigen::half>;

template <class T>
constexpr int significant_bits = std::is_same_v<T, bfloat16> ? 8 : 11;

/// Every value there is, in the order of its bits.
template <class T>
std::vector<T> all_values() {
    std::vector<T> values;
    for (std::uint32_t bits = 0; bits < 1u << 16; ++bits)
        values.push_back(std::bit_cast<T>(static_cast<std::uint16_t>(bits)));
    return values;
}

/// Whether two numbers are the same, zeros with their sign; all nans are one.
bool is_same(float a, float b) {
    return std::isnan(a) ? std::isnan(b)
                         : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// How many floats are stored otherwise than Eigen stores them, where stored[i] is what ferret makes
/// of values[i]. A nan has to stay one.
template <class T>
std::size_t differences(const std::vector<float>& values, const std::vector<T>& stored) {
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto expected = static_cast<EigenType<T>>(values[i]);
        wrong += std::isnan(values[i])
                     ? !std::isnan(static_cast<float>(stored[i]))
                     : ferret::bits_of(stored[i]) != std::bit_cast<std::uint16_t>(expected);
    }
    return wrong;
}

/// Floats of both signs: every value of T, the middle between it and the next larger, and the floats
/// beside these; so every tie, the subnormals, and what overflows.
template <class T>
std::vector<float> floats_at_borders() {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> floats;
    for (const float value : {0x1p-149f, 0x1p-126f, 0x1.fffffcp-127f, 0x1.fffffep+127f, infinity})
        floats.insert(floats.end(), {value, -value});
    const std::vector<T> values = all_values<T>();
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
        const auto value = static_cast<float>(values[i]);
        if (!std::isfinite(value)) continue;
        // The largest has as its next what would follow if exponents went on.
        const auto above = static_cast<float>(values[i + 1]);
        const float below = static_cast<float>(values[i == 0 ? 0 : i - 1]);
        const float middle =
            std::isfinite(above) ? value / 2 + above / 2 : value + (value - below) / 2;
        for (const float near : {value, middle})
            floats.insert(floats.end(), {near, std::nextafter(near, 0.0f),
                                         std::nextafter(near, std::copysign(infinity, near))});
    }
    return floats;
}

}  // namespace

TEST_CASE_TEMPLATE("16 bits: every value is the float that it is in Eigen", T, bfloat16, half) {
    std::size_t wrong = 0;
    std::size_t nans = 0;
    for (const T value : all_values<T>()) {
        const auto expected = static_cast<float>(std::bit_cast<EigenType<T>>(value));
        wrong += !is_same(static_cast<float>(value), expected);
        nans += std::isnan(expected);
    }
    CHECK(wrong == 0);
    CHECK(nans == 2 * ((1u << (significant_bits<T> - 1)) - 1));
}

TEST_CASE_TEMPLATE("16 bits: every value but a nan comes back from float", T, bfloat16, half) {
    std::size_t wrong = 0;
    for (const T value : all_values<T>()) {
        const T back(static_cast<float>(value));
        wrong += std::isnan(static_cast<float>(value))
                     ? !std::isnan(static_cast<float>(back))
                     : ferret::bits_of(back) != ferret::bits_of(value);
    }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("16 bits: ties, subnormals and what overflows are rounded as by Eigen", T,
                   bfloat16, half) {
    const std::vector<float> floats = floats_at_borders<T>();
    CHECK(floats.size() > 300000);
    CHECK(differences(floats, ferret_test::stored_as<T>(floats)) == 0);
}

TEST_CASE_TEMPLATE("16 bits: floats of every sign and exponent are rounded as by Eigen", T,
                   bfloat16, half) {
    // Steps that are odd reach every one of the low bits: 16 million floats.
    std::size_t wrong = 0;
    std::vector<float> floats(1 << 16);
    for (std::uint32_t part = 0; part < 256; ++part) {
        for (std::uint32_t i = 0; i < floats.size(); ++i)
            floats[i] = std::bit_cast<float>((part << 24) + i * 255u + part);
        wrong += differences(floats, ferret_test::stored_as<T>(floats));
    }
    CHECK(wrong == 0);
}

TEST_CASE("16 bits: nans stay nans, and bfloat16 has one") {
    for (const std::uint32_t bits : {0x7F800001u, 0x7F801FFFu, 0x7FBFFFFFu, 0x7FC00000u,
                                     0x7FFFFFFFu, 0xFF800001u, 0xFFFFFFFFu}) {
        CAPTURE(bits);
        const auto value = std::bit_cast<float>(bits);
        CHECK(ferret::bits_of(bfloat16(value)) == 0x7FC0u);
        CHECK(std::isnan(static_cast<float>(half(value))));
    }
}

TEST_CASE_TEMPLATE("16 bits: the kernels read and write the same bits", T, bfloat16, half) {
    constexpr ferret::DType dtype = ferret::DTypeOf<T>::value;
    const std::vector<T> values = all_values<T>();
    std::vector<float> floats = floats_at_borders<T>();
    floats.push_back(std::numeric_limits<float>::quiet_NaN());
    for (const ferret::InstructionSet set : ferret_test::runnable_instruction_sets()) {
        CAPTURE(static_cast<int>(set));
        const ferret::cpu::MemoryKernels& memory = ferret::cpu::kernels_of(set).memory;

        std::vector<float> loaded(values.size());
        const ferret::cpu::UpdateSource from{values.data(), nullptr, dtype};
        // Others read through ferret::half itself.
        if (ferret::cpu::of_dtype(memory.in_place, dtype)) {
            memory.load(from)(from, values.size(), loaded.data());
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < values.size(); ++i)
                wrong += !is_same(loaded[i], static_cast<float>(values[i]));
            CHECK(wrong == 0);
        }

        // Added to -0, a float is itself, whatever its sign.
        std::vector<T> stored(floats.size(), T(-0.0f));
        ferret::cpu::of_dtype(memory.add, dtype)(stored.data(), floats.data(), floats.size());
        CHECK(differences(floats, stored) == 0);
    }
}
