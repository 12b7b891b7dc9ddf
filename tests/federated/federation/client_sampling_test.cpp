#include "federated/federation/client_sampling.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("the number of active clients is the nearest whole number, at least one") {
    CHECK(active_client_count(738, 0.05) == 37);  // 36.9
    CHECK(active_client_count(12, 0.2) == 2);     // 2.4
    CHECK(active_client_count(12, 0.001) == 1);
    CHECK(active_client_count(12, 1.0) == 12);
    CHECK_THROWS_AS(active_client_count(0, 0.5), std::invalid_argument);
    CHECK_THROWS_AS(active_client_count(12, 0.0), std::invalid_argument);
    CHECK_THROWS_AS(active_client_count(12, 1.5), std::invalid_argument);
}

TEST_CASE("clients are sampled without replacement, in order") {
    for (std::int64_t round = 1; round <= 50; ++round) {
        const auto clients = sample_clients(20, 7, 3, round);
        CHECK(clients.size() == 7);
        CHECK(std::is_sorted(clients.begin(), clients.end()));
        CHECK(std::set<std::size_t>(clients.begin(), clients.end()).size() == 7);
        CHECK(clients.back() < 20);
    }
    CHECK(sample_clients(4, 4, 3, 1) == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK_THROWS_AS(sample_clients(4, 0, 3, 1), std::invalid_argument);
    CHECK_THROWS_AS(sample_clients(4, 5, 3, 1), std::invalid_argument);
}

TEST_CASE("a round's clients depend on seed and round alone") {
    CHECK(sample_clients(738, 37, 42, 5) == sample_clients(738, 37, 42, 5));
    CHECK(sample_clients(738, 37, 42, 5) != sample_clients(738, 37, 42, 6));
    CHECK(sample_clients(738, 37, 42, 5) != sample_clients(738, 37, 43, 5));
}

TEST_CASE("every client's turn comes") {
    std::set<std::size_t> seen;
    // The chance that a client is missed 200 times is 0.75^200, about 1e-25.
    for (std::int64_t round = 1; round <= 200; ++round) {
        for (const std::size_t client : sample_clients(20, 5, 1, round)) seen.insert(client);
    }
    CHECK(seen.size() == 20);
}
