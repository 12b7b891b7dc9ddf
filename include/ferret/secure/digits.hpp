#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ferret::secure {

// Numbers of 48 bits as digits of few bits each, so that they can be summed beside integers as small.
// Sums of digits are as good as digits: the number that they make is the sum of the numbers.

inline constexpr unsigned digit_number_bits = 48;
inline constexpr std::uint64_t largest_digit_number = (std::uint64_t{1} << digit_number_bits) - 1;

/// How many digits a number has.
constexpr std::size_t digit_count(unsigned bits) {
    return (digit_number_bits + bits - 1) / bits;
}

/// Appends the digits, the lowest first.
/// Shapes: number: up to largest_digit_number; bits: 1 to 16
inline void append_digits(std::vector<std::uint32_t>& digits, std::uint64_t number, unsigned bits) {
    const std::uint64_t largest = (std::uint64_t{1} << bits) - 1;
    for (std::size_t i = 0; i < digit_count(bits); ++i)
        digits.push_back(static_cast<std::uint32_t>((number >> (bits * i)) & largest));
}

/// The number that sums of digits stand for.
/// Shapes: sums: digit_count, of at most 256 clients
inline std::uint64_t number_of_digits(std::span<const std::uint32_t> sums, unsigned bits) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) number += std::uint64_t{sums[i]} << (bits * i);
    return number;
}

}  // namespace ferret::secure
