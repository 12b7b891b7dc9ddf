#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "sodium.hpp"

namespace ferret::secure {

/// Who holds a share: a point other than 0, where the secret is.
using SharePoint = std::uint8_t;

namespace detail {

/// Numbers of GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1, eight in a word. No table is looked
/// up and no branch taken by what they are, so that no time depends on them.
inline std::uint64_t times_x(std::uint64_t numbers) {
    constexpr std::uint64_t low_bits = 0x0101010101010101;
    return ((numbers & ~(low_bits << 7)) << 1) ^ (((numbers >> 7) & low_bits) * 0x1B);
}

inline std::uint64_t multiply(std::uint64_t numbers, std::uint8_t factor) {
    std::uint64_t product = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= numbers & (std::uint64_t{0} - ((factor >> bit) & 1u));
        numbers = times_x(numbers);
    }
    return product;
}

inline std::uint8_t multiply_one(std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(multiply(a, b));
}

/// Math:   a^254, which is 1 / a
inline std::uint8_t reciprocal(std::uint8_t a) {
    std::uint8_t square = a;
    std::uint8_t product = 1;
    for (unsigned i = 0; i < 7; ++i) {
        square = multiply_one(square, square);
        product = multiply_one(product, square);
    }
    return product;
}

/// 32 numbers at once, which are wiped as secrets are.
struct Words : std::array<std::uint64_t, 4> {
    Words() : array{} {}
    explicit Words(const Bytes32& bytes) { std::memcpy(data(), bytes.data(), sizeof(Bytes32)); }
    Words(const Words&) = default;
    Words& operator=(const Words&) = default;
    ~Words() { sodium_memzero(data(), sizeof(Bytes32)); }

    Secret secret() const {
        Secret bytes;
        std::memcpy(bytes.data(), data(), sizeof(Bytes32));
        return bytes;
    }
};

/// Math:   sum += factor * numbers
inline void add_product(Words& sum, const Words& numbers, std::uint8_t factor) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= multiply(numbers[i], factor);
}

}  // namespace detail

/// Cuts a secret into shares, of which any `threshold` give it back and fewer say nothing of it.
/// Math:   each byte is f(0) of a polynomial f of degree threshold - 1 over GF(2^8) whose other
///         coefficients are random; a share is f at its point
/// Shapes: points: of the holders, each once, none 0; threshold: 1 to their number -> a share a point
/// Cost:   O(points times threshold) multiplications of 32 bytes, in constant time
/// Source: Shamir, How to share a secret (CACM 1979)
inline std::vector<Secret> split(const Secret& secret, std::span<const SharePoint> points,
                                 std::size_t threshold) {
    std::vector<detail::Words> coefficients{detail::Words(secret)};
    while (coefficients.size() < threshold) coefficients.emplace_back(Secret::random());
    std::vector<Secret> shares;
    shares.reserve(points.size());
    for (const SharePoint point : points) {
        detail::Words value;
        for (std::size_t n = threshold; n-- > 0;) {
            detail::Words next = coefficients[n];
            detail::add_product(next, value, point);
            value = next;
        }
        shares.push_back(value.secret());
    }
    return shares;
}

/// Lagrange's weights: what the shares at these points are multiplied by to give f at another.
/// Math:   w_i = product over j != i of (at - x_j) / (x_i - x_j)
/// Throws: Malformed if a point is there twice
inline std::vector<std::uint8_t> share_weights(std::span<const SharePoint> points,
                                               SharePoint at = 0) {
    std::vector<std::uint8_t> weights;
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::uint8_t over = 1;
        std::uint8_t under = 1;
        for (std::size_t j = 0; j < points.size(); ++j) {
            if (j == i) continue;
            if (points[j] == points[i])
                throw Malformed(error_text(
                    {"shares: expected each point once, got ", unsigned{points[i]}, " again"}));
            over = detail::multiply_one(over, at ^ points[j]);
            under = detail::multiply_one(under, points[i] ^ points[j]);
        }
        weights.push_back(detail::multiply_one(over, detail::reciprocal(under)));
    }
    return weights;
}

/// The secret of shares with these weights.
/// Shapes: shares: one a weight
inline Secret combine(std::span<const Secret> shares, std::span<const std::uint8_t> weights) {
    detail::Words sum;
    for (std::size_t i = 0; i < weights.size(); ++i)
        detail::add_product(sum, detail::Words(shares[i]), weights[i]);
    return sum.secret();
}

}  // namespace ferret::secure
