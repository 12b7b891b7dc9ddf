#include "federated/round/sampling.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <vector>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("named generators are pinned, so that samples stay the same across platforms") {
    std::mt19937_64 generator = named_generator(0x0123456789ABCDEF, "task");
    const std::vector<std::size_t> drawn = sample_without_replacement(generator, 100, 5);
    CHECK(drawn == std::vector<std::size_t>{45, 74, 86, 62, 87});
}

TEST_CASE("seed and name both count") {
    const std::uint64_t number = named_generator(1, "a")();
    CHECK(named_generator(1, "a")() == number);
    CHECK(named_generator(1, "b")() != number);
    CHECK(named_generator(2, "a")() != number);
    CHECK(named_generator(1 + (std::uint64_t{1} << 32), "a")() != number);
}

TEST_CASE("a sample holds different indices, all of them when asked for more") {
    std::mt19937_64 generator = named_generator(1, "sample");
    for (const std::size_t count : {std::size_t{0}, std::size_t{3}, std::size_t{10}}) {
        const auto drawn = sample_without_replacement(generator, 10, count);
        CHECK(drawn.size() == count);
        const std::set<std::size_t> different(drawn.begin(), drawn.end());
        CHECK(different.size() == count);
        CHECK((different.empty() || *different.rbegin() < 10));
    }
    CHECK(sample_without_replacement(generator, 4, 9).size() == 4);
    CHECK(sample_without_replacement(generator, 0, 9).empty());
}

TEST_CASE("every index is as likely as the others") {
    std::mt19937_64 generator = named_generator(1, "uniform");
    std::vector<int> counts(3, 0);
    for (int i = 0; i < 30000; ++i) ++counts[random_index(generator, 3)];
    // Standard deviation sqrt(30000 * 2/9) = 82; six of them.
    for (const int count : counts) CHECK(std::abs(count - 10000) < 490);
    CHECK_THROWS_AS(random_index(generator, 0), std::invalid_argument);
}
