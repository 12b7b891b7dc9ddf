#include "run/server_rate_rule.hpp"

#include <doctest/doctest.h>

using fed_llm::Options;
using fed_llm::server_rate_of;
using fed_llm::server_rate_rule;

TEST_CASE("the server rate falls with the parameters that share a coordinate") {
    Options options;
    options.budget = 1000;
    CHECK(server_rate_rule(options, 100'000, 10) == doctest::Approx(0.5).epsilon(1e-12));
    CHECK(server_rate_rule(options, 900'000, 10) == doctest::Approx(0.1).epsilon(1e-12));
    // With bases of its own each, ten clients' errors average out.
    options.seeds = "per-client";
    CHECK(server_rate_rule(options, 1'000'000, 10) == doctest::Approx(0.5).epsilon(1e-12));
}

TEST_CASE("all other algorithms have rate 1") {
    for (const char* algorithm : {"fedavg", "fedkseed", "fedkseed-pro", "fedzo", "fedit",
                                  "fedit-sgd", "top-k", "ferret-public"}) {
        Options options;
        options.algorithm = algorithm;
        CHECK(server_rate_rule(options, 1'000'000'000, 10) == 1.0);
    }
}

TEST_CASE("a server rate that is given wins over the rule") {
    Options options;
    CHECK(server_rate_of(options, 1'000'000, 1) == server_rate_rule(options, 1'000'000, 1));
    options.server_lr = 0.7;
    CHECK(server_rate_of(options, 1'000'000, 1) == 0.7);
}
