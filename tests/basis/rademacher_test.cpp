#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/basis/rademacher.hpp>
#include <ferret/reference.hpp>
#include <vector>

TEST_CASE("entries are the bits of the words, highest first") {
    const ferret::Rademacher::Block block(10);
    CHECK(block.raw_values(0x80000000, 0x7FFFFFFF, 0) == std::array<float, 2>{-1.0f, 1.0f});
    CHECK(block.raw_values(0x00000001, 0xFFFFFFFE, 31) == std::array<float, 2>{-1.0f, 1.0f});
    CHECK(block.amplitude() == 1.0);
    CHECK(block.raw_second_moment() == 1.0);
}

TEST_CASE("signs are balanced and not correlated") {
    constexpr std::size_t count = std::size_t{1} << 17;
    const auto layout = ferret::Layout::per_tensor({count});
    const auto entries = [&](std::uint32_t k, std::uint64_t seed) {
        std::vector<double> signs;
        for (std::uint64_t i = 0; i < count; ++i)
            signs.push_back(
                ferret::reference::entry(ferret::Rademacher{}, layout, {seed, 7}, 0, 4, k, i));
        return signs;
    };
    const std::vector<double> signs = entries(0, 42);
    const std::vector<double> next_basis = entries(1, 42);
    const std::vector<double> next_seed = entries(0, 43);
    double sum = 0.0;
    double across_bases = 0.0;
    double across_seeds = 0.0;
    double neighbours = 0.0;
    double across_parts = 0.0;
    double across_groups = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        if (std::abs(signs[i]) != 1.0) FAIL("entry " << i << " is " << signs[i]);
        sum += signs[i];
        across_bases += signs[i] * next_basis[i];
        across_seeds += signs[i] * next_seed[i];
        neighbours += signs[i] * signs[(i + 1) % count];
        across_parts += signs[i] * signs[(i + 16) % count];
        across_groups += signs[i] * signs[(i + 1024) % count];
    }
    // Each is a sum of `count` signs: five standard deviations, at 6e-7 each.
    const double bound = 5.0 * std::sqrt(static_cast<double>(count));
    for (const double statistic :
         {sum, across_bases, across_seeds, neighbours, across_parts, across_groups})
        CHECK(std::abs(statistic) <= bound);
}
