#include "kd_lora/evaluation/confusion_counts.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using namespace kd_lora;

TEST_CASE("counts stand under label and prediction") {
    ConfusionCounts counts(3);
    counts.add(0, 2);
    counts.add(0, 2);
    counts.add(2, 0, 5);
    CHECK(counts.at(0, 2) == 2);
    CHECK(counts.at(2, 0) == 5);
    CHECK(counts.at(1, 1) == 0);
    CHECK(counts.total() == 7);
    ConfusionCounts others(3);
    others.add(0, 2, 10);
    others.add(1, 1);
    counts.add(others);
    CHECK(counts.at(0, 2) == 12);
    CHECK(counts.at(1, 1) == 1);
    CHECK(counts.total() == 18);
}

TEST_CASE("classes that there are not are refused") {
    CHECK_THROWS_AS(ConfusionCounts(1), std::invalid_argument);
    CHECK_THROWS_AS(ConfusionCounts(-2), std::invalid_argument);
    ConfusionCounts counts(2);
    CHECK_THROWS_AS(counts.add(2, 0), std::invalid_argument);
    CHECK_THROWS_AS(counts.add(0, 2), std::invalid_argument);
    CHECK_THROWS_AS(counts.add(-1, 0), std::invalid_argument);
    CHECK_THROWS_AS(counts.at(0, -1), std::invalid_argument);
    CHECK_THROWS_AS(counts.add(ConfusionCounts(3)), std::invalid_argument);
}
