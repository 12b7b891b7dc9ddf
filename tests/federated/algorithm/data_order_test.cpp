#include "federated/algorithm/data_order.hpp"

#include <algorithm>

#include "federated/round/sampling.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

std::vector<std::size_t> take(DataOrder order, std::size_t count) {
    std::vector<std::size_t> taken;
    for (std::size_t i = 0; i < count; ++i) taken.push_back(order.next());
    return taken;
}

}  // namespace

TEST_CASE("each cycle visits every example once, in a new order") {
    const auto taken = take(DataOrder(30, named_generator(1, "a")), 60);
    std::vector<std::size_t> first(taken.begin(), taken.begin() + 30);
    std::vector<std::size_t> second(taken.begin() + 30, taken.end());
    CHECK(first != second);
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    CHECK(first == second);
    CHECK(first.front() == 0);
    CHECK(first.back() == 29);
}

TEST_CASE("the order is a function of the generator") {
    CHECK(take(DataOrder(30, named_generator(1, "a")), 45) ==
          take(DataOrder(30, named_generator(1, "a")), 45));
    CHECK(take(DataOrder(30, named_generator(1, "a")), 30) !=
          take(DataOrder(30, named_generator(1, "b")), 30));
    CHECK_THROWS_AS(DataOrder(0, named_generator(1, "a")), std::invalid_argument);
}

TEST_CASE("several come as one after the other") {
    DataOrder order(3, named_generator(1, "order"));
    DataOrder same(3, named_generator(1, "order"));
    const std::vector<std::size_t> next = order.next(5);
    REQUIRE(next.size() == 5);
    for (const std::size_t index : next) CHECK(index == same.next());
}
