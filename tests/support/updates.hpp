#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ferret/block/layout.hpp>
#include <ferret/block/shard.hpp>
#include <ferret/rng/seed.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ferret_test {

/// Where a test asks for no seed in particular.
inline constexpr ferret::Seed seed{42, 7};

/// An update of multiples of 1/1024 with magnitude under 1. Sums of a few of them are exact in
/// float, so tests of linearity see the rounding of the sketch alone.
inline std::vector<float> simple_update(std::size_t size, std::uint64_t salt = 0) {
    std::vector<float> update(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto residue = static_cast<std::int64_t>(((i + salt) * 7919 + salt * 104729) % 2003);
        update[i] = static_cast<float>(residue - 1001) / 1024.0f;
    }
    return update;
}

/// The values in another storage type.
template <class T>
std::vector<T> stored_as(const std::vector<float>& values) {
    std::vector<T> stored;
    for (const float value : values) stored.push_back(static_cast<T>(value));
    return stored;
}

/// The parts of an array that a shard holds, tensor by tensor.
template <class Number>
std::vector<std::span<Number>> take(std::span<Number> whole, const ferret::Shard& shard) {
    std::vector<std::span<Number>> parts;
    for (const ferret::Extent& extent : shard.extents())
        parts.push_back(whole.subspan(extent.offset, extent.size));
    return parts;
}

/// Numbers of SparseSign bases for a block of 20000 elements: around every place where the way to sum
/// them changes, and all of them.
inline constexpr std::uint32_t sparse_sign_bases[] = {
    2u,    3u,    15u,   16u,   17u,   64u,   65u,   333u,  512u,  513u,   1000u,  1023u, 1024u,
    1025u, 2047u, 2049u, 4095u, 4096u, 4097u, 5000u, 8192u, 8193u, 12000u, 19999u, 20000u};

/// Whether two arrays hold the same bits, zeros with their sign and all.
inline bool same_bits(std::span<const float> a, std::span<const float> b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
    return true;
}

/// The message of the error that `action` throws, which must be an Expected; or a note what came
/// instead.
template <class Expected, class Action>
std::string error_message(const Action& action) {
    try {
        action();
    } catch (const Expected& error) {
        return error.what();
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
    return "no exception";
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace ferret_test
