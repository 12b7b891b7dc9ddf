#include "federated/report/remaining_time.hpp"

#include "support/doctest.hpp"

using namespace federated;
using Phase = Progress::Phase;

namespace {

RoundSummary measured(std::int64_t round) {
    return {.round = round,
            .metrics = {},
            .training_seconds = round > 0 ? 60.0 : 0.0,
            .projection_seconds = round > 0 ? 4.0 : 0.0,
            .aggregation_seconds = round > 0 ? 2.0 : 0.0,
            .evaluation_seconds = 10.0};
}

}  // namespace

TEST_CASE("before a client has trained nothing is known of the whole") {
    RemainingTime time(3);
    CHECK_FALSE(time.seconds({.phase = Phase::warm_up}, 5.0, 10.0));
    CHECK_FALSE(time.seconds({.phase = Phase::evaluation, .round = 0}, 5.0, 10.0));
}

TEST_CASE("a run without rounds evaluates and answers") {
    RemainingTime time(0);
    time.expect_answers(7.0);
    CHECK(time.seconds({.phase = Phase::evaluation, .round = 0}, 5.0, 10.0) == 12.0);
    CHECK(time.seconds({.phase = Phase::generation, .round = 0}, 3.0, 7.0) == 3.0);
}

TEST_CASE("the first round counts for the others, with evaluation and answers") {
    RemainingTime time(3);
    time.expect_answers(7.0);
    time.learn(measured(0));
    // A quarter of 80 s is left; then its evaluation, two rounds of 80 + 10 s, the answers.
    CHECK(time.seconds({.phase = Phase::training, .round = 1}, 20.0, 80.0) ==
          20.0 + 10.0 + 2.0 * 90.0 + 7.0);
}

TEST_CASE("measured rounds count for those to come") {
    RemainingTime time(3);
    time.expect_answers(7.0);
    for (std::int64_t round = 0; round < 2; ++round) time.learn(measured(round));
    const double round = 64.0 + 2.0 + 10.0;
    CHECK(time.seconds({.phase = Phase::training, .round = 2}, 30.0, 99.0) ==
          30.0 + 2.0 + 10.0 + round + 7.0);
    CHECK(time.seconds({.phase = Phase::evaluation, .round = 2}, 4.0, 10.0) == 4.0 + round + 7.0);
    CHECK(time.seconds({.phase = Phase::evaluation, .round = 3}, 4.0, 10.0) == 4.0 + 7.0);
}
