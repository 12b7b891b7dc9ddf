#include "federated/round/metric.hpp"

#include <cmath>
#include <vector>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a metric is found by its whole name") {
    const std::vector<Metric> metrics{{"test_loss", 5.0}, {"accuracy", 0.5}};
    CHECK(metric_of(metrics, "accuracy") == 0.5);
    CHECK(metric_of(metrics, "test_loss") == 5.0);
    CHECK(std::isnan(metric_of(metrics, "test_los")));
    CHECK(std::isnan(metric_of({}, "accuracy")));
}

TEST_CASE("a metric's name is read as words") {
    CHECK(words_of("test_loss") == "test loss");
    CHECK(words_of("accuracy") == "accuracy");
}
