#include <doctest/doctest.h>

#include <ferret/protocol/sketch_noise.hpp>

using namespace ferret;

namespace {

constexpr SketchSetting setting{.per_coordinate = 100.0,
                                .per_coordinate_down = 50.0,
                                .clients = 10,
                                .rounding_up = 0.5,
                                .rounding_down = 0.25,
                                .unlikeness = 4.0};

}  // namespace

TEST_CASE("the noise of each way to send a mean") {
    CHECK(noise_of_shared_bases(setting) == doctest::Approx(100.0 * 1.2 * 1.25 - 1.0));
    CHECK(noise_of_own_bases(setting) == doctest::Approx(0.4 * 149.0));
    CHECK(noise_of_second_sketch(setting) == doctest::Approx((1.0 + 0.4 * 149.0) * 62.5 - 1.0));
}

TEST_CASE("with a coordinate for every number and no rounding there is none") {
    constexpr SketchSetting exact{.clients = 3, .unlikeness = 2.0};
    CHECK(noise_of_shared_bases(exact) == 0.0);
    CHECK(noise_of_own_bases(exact) == 0.0);
    CHECK(noise_of_second_sketch(exact) == 0.0);
}

TEST_CASE(
    "many like clients are better off with bases of their own, few unlike ones with shared ones") {
    SketchSetting many = setting;
    many.clients = 1000;
    many.unlikeness = 1.0;
    CHECK(noise_of_second_sketch(many) < noise_of_shared_bases(many));
    SketchSetting few = setting;
    CHECK(noise_of_second_sketch(few) > noise_of_shared_bases(few));
}

TEST_CASE("the more noise, the shorter the step") {
    CHECK(damping_of(0.0, 1'200'000) == 1.0);
    CHECK(damping_of(1'000.0, 1'200'000) == doctest::Approx(0.5));
    CHECK(damping_of(9'000.0, 1'200'000) == doctest::Approx(0.1));
}

TEST_CASE("... and the larger the model, the less of the noise matters") {
    CHECK(damping_of(1'000'000.0, 120'000'000) == doctest::Approx(0.5));
    // All directions of a small one are curved.
    CHECK(damping_of(1.0, 272) == doctest::Approx(0.5));
}
