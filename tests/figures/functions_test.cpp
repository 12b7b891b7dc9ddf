#include "functions.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using figures::SineSquaredSum;
using figures::SquareSum;

TEST_CASE("gradients are the slopes of the values") {
    const std::vector<double> point{-2.0, -0.3, 0.0, 0.7, 3.1};
    const double step = 1e-6;  // central differences: error step^2 and 1e-16 / step
    const auto check = [&]<class Function>(Function) {
        const std::vector<double> slopes = figures::gradient<Function>(point);
        for (std::size_t i = 0; i < point.size(); ++i) {
            std::vector<double> direction(point.size(), 0.0);
            direction[i] = 1.0;
            const double difference = (figures::value_at<Function>(point, direction, step) -
                                       figures::value_at<Function>(point, direction, -step)) /
                                      (2.0 * step);
            CHECK(std::abs(slopes[i] - difference) < 1e-8);
        }
    };
    check(SquareSum{});
    check(SineSquaredSum{});
}

TEST_CASE("descent adds up gradient steps") {
    const std::vector<double> start{1.0, -2.0};
    // x -= 0.1 * 2x leaves 0.8 x: after three steps 0.512 x.
    const std::vector<double> update = figures::descent<SquareSum>(start, 3, 0.1);
    CHECK(update[0] == doctest::Approx(0.488));
    CHECK(update[1] == doctest::Approx(-0.976));
}

TEST_CASE("cosine") {
    const std::vector<double> a{3.0, 4.0};
    CHECK(figures::cosine(a, std::vector<double>{6.0, 8.0}) == doctest::Approx(1.0));
    CHECK(figures::cosine(a, std::vector<double>{-4.0, 3.0}) == 0.0);
    CHECK(figures::cosine(a, std::vector<double>{-1.0, 0.0}) == doctest::Approx(-0.6));
}
