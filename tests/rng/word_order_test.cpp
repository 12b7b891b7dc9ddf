#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/rng/word_order.hpp>
#include <set>
#include <tuple>

TEST_CASE("no two elements share their bits, and none are left unused") {
    for (const unsigned parts : {1u, 2u, 32u}) {
        CAPTURE(parts);
        const std::uint64_t elements = 3 * ferret::elements_per_group(parts);
        std::set<std::tuple<std::uint64_t, unsigned, unsigned>> used;
        for (std::uint64_t i = 0; i < elements; ++i) {
            const ferret::WordPosition position = ferret::word_position(i, parts);
            CHECK(position.counter < 3 * ferret::counters_per_group);
            CHECK(position.word < 4);
            CHECK(position.part < parts);
            CHECK(position.half == position.word / 2);
            used.insert({position.counter, position.word, position.part});
        }
        CHECK(used.size() == elements);
        CHECK(elements == 3 * ferret::counters_per_group * 4 * parts);
    }
}

TEST_CASE("the order of docs/reproducibility.md") {
    // Element 1 of a row takes the word before that of element 0, element 2 the next call.
    const ferret::WordPosition second = ferret::word_position(1, 2);
    CHECK(second.counter == 0);
    CHECK(second.word == 0);
    const ferret::WordPosition third = ferret::word_position(2, 2);
    CHECK(third.counter == 1);
    CHECK(third.word == 1);
    // 16 elements on, the next part; after all parts, the next half; then the next eight calls.
    CHECK(ferret::word_position(16, 2).part == 1);
    CHECK(ferret::word_position(16, 2).half == 0);
    CHECK(ferret::word_position(32, 2).part == 0);
    CHECK(ferret::word_position(32, 2).half == 1);
    CHECK(ferret::word_position(32, 2).word == 3);
    CHECK(ferret::word_position(64, 2).counter == 8);
    CHECK(ferret::word_position((std::uint64_t{1} << 40) - 1, 1).counter ==
          (std::uint64_t{1} << 38) - 1);
}
