#include <doctest/doctest.h>

#include <cstddef>
#include <ferret/tensor/interval.hpp>
#include <vector>

using ferret::find_overlap;
using ferret::Interval;

TEST_CASE("intervals are sorted by where they begin, and keep their place in the list") {
    std::vector<Interval> intervals{{30, 40, 0}, {0, 10, 1}, {10, 30, 2}};
    ferret::sort_intervals(intervals);
    std::vector<std::size_t> order;
    for (const Interval& interval : intervals) order.push_back(interval.index);
    CHECK(order == std::vector<std::size_t>{1, 2, 0});
}

TEST_CASE("intervals that meet or leave a gap share nothing") {
    CHECK(find_overlap({}) == 0);
    CHECK(find_overlap(std::vector<Interval>{{5, 9, 0}}) == 1);
    CHECK(find_overlap(std::vector<Interval>{{0, 10, 0}, {10, 20, 1}, {25, 30, 2}}) == 3);
}

TEST_CASE("the first interval that shares a number with the one before it is found") {
    CHECK(find_overlap(std::vector<Interval>{{0, 10, 0}, {9, 20, 1}, {19, 30, 2}}) == 1);
    CHECK(find_overlap(std::vector<Interval>{{0, 10, 0}, {10, 20, 1}, {19, 30, 2}}) == 2);
    CHECK(find_overlap(std::vector<Interval>{{0, 10, 0}, {0, 10, 1}}) == 1);
    CHECK(find_overlap(std::vector<Interval>{{0, 10, 0}, {3, 4, 1}}) == 1);
}
