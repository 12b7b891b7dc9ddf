#include "fed_llm/model/key_value_cache.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using fed_llm::KeyValueCache;

TEST_CASE("the cache gives back what it was given, in order, layer by layer") {
    fed_llm::KeyValueCache cache(4);
    const torch::Tensor first = torch::rand({1, 2, 3, 4});
    const torch::Tensor second = torch::rand({1, 2, 1, 4});
    for (std::size_t layer = 0; layer < 2; ++layer) {
        const auto [keys, values] =
            cache.append(layer, first + static_cast<double>(layer), first * 2.0);
        CHECK(torch::equal(keys, first + static_cast<double>(layer)));
        CHECK(torch::equal(values, first * 2.0));
    }
    cache.advance(3);
    CHECK(cache.length() == 3);
    const auto [keys, values] = cache.append(1, second, second);
    CHECK(torch::equal(keys, torch::cat({first + 1.0, second}, 2)));
    CHECK(torch::equal(values, torch::cat({first * 2.0, second}, 2)));
}

TEST_CASE("more positions than the capacity are refused") {
    fed_llm::KeyValueCache cache(4);
    const torch::Tensor five = torch::rand({1, 2, 5, 4});
    CHECK_THROWS_AS(cache.append(0, five, five), std::length_error);
    const torch::Tensor three = five.narrow(2, 0, 3);
    cache.append(0, three, three);
    cache.advance(3);
    CHECK_THROWS_AS(cache.append(0, three, three), std::length_error);
}
