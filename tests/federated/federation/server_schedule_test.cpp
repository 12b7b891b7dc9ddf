#include "federated/federation/server_schedule.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("server rates by round") {
    CHECK(server_rate(ServerSchedule::constant, 2.0, 1, 4) == 2.0);
    CHECK(server_rate(ServerSchedule::constant, 2.0, 4, 4) == 2.0);
    CHECK(server_rate(ServerSchedule::linear, 2.0, 1, 4) == 2.0);
    CHECK(server_rate(ServerSchedule::linear, 2.0, 4, 4) == 0.5);
    CHECK(server_rate(ServerSchedule::cosine, 2.0, 1, 4) == 2.0);
    // cos(pi / 2) is 6e-17 in double.
    CHECK(server_rate(ServerSchedule::cosine, 2.0, 3, 4) == doctest::Approx(1.0).epsilon(1e-15));
}

TEST_CASE("no round has a rate of zero or below") {
    for (const auto schedule :
         {ServerSchedule::constant, ServerSchedule::linear, ServerSchedule::cosine}) {
        for (std::int64_t round = 1; round <= 12; ++round) {
            CHECK(server_rate(schedule, 1.0, round, 12) > 0.0);
        }
        CHECK_THROWS_AS(server_rate(schedule, 1.0, 0, 12), std::invalid_argument);
        CHECK_THROWS_AS(server_rate(schedule, 1.0, 13, 12), std::invalid_argument);
    }
}
