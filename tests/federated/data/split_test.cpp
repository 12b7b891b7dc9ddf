#include "federated/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "federated/round/sampling.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// Whether every row below `rows` belongs to one client, and each client's rows ascend.
bool is_partition(const ClientRows& split, std::size_t rows) {
    std::vector<std::size_t> all;
    for (const auto& client : split) {
        if (!std::is_sorted(client.begin(), client.end())) return false;
        all.insert(all.end(), client.begin(), client.end());
    }
    std::sort(all.begin(), all.end());
    std::vector<std::size_t> expected(rows);
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    return all == expected;
}

std::size_t fewest_rows(const ClientRows& split) {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const auto& client : split) fewest = std::min(fewest, client.size());
    return fewest;
}

/// `each` rows of each of the categories "0", "1", ..., in turn.
std::vector<std::string> categories_in_turn(std::size_t categories, std::size_t each) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < categories * each; ++i) {
        rows.push_back(std::to_string(i % categories));
    }
    return rows;
}

ClientRows dirichlet(std::span<const std::string> categories, std::size_t clients, double alpha,
                     std::uint64_t seed) {
    auto generator = named_generator(seed, "split");
    return split_dirichlet(categories, clients, alpha, generator);
}

/// The mean over clients of the share of their largest category.
double mean_largest_share(const ClientRows& split, std::size_t categories) {
    double sum = 0.0;
    for (const auto& client : split) {
        std::vector<std::size_t> counts(categories, 0);
        for (const std::size_t row : client) ++counts[row % categories];
        sum += static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
               static_cast<double>(client.size());
    }
    return sum / static_cast<double>(split.size());
}

}  // namespace

TEST_CASE("splits are pinned, so that they stay the same across platforms") {
    auto generator = named_generator(1, "split");
    CHECK(split_iid(7, 3, generator) == ClientRows{{0, 2, 6}, {1, 4}, {3, 5}});
    CHECK(dirichlet(categories_in_turn(3, 10), 2, 0.5, 1) ==
          ClientRows{{0, 2, 3, 6, 9, 10, 12, 15, 18, 21, 24, 25},
                     {1, 4, 5, 7, 8, 11, 13, 14, 16, 17, 19, 20, 22, 23, 26, 27, 28, 29}});
}

TEST_CASE("an IID split is a partition into random samples of like size") {
    auto generator = named_generator(1, "iid");
    const ClientRows split = split_iid(103, 10, generator);
    REQUIRE(split.size() == 10);
    CHECK(is_partition(split, 103));
    for (const auto& client : split) CHECK((client.size() == 10 || client.size() == 11));
    CHECK(split_iid(103, 10, generator) != split);
    CHECK(split_iid(3, 3, generator).back().size() == 1);
}

TEST_CASE("a Dirichlet split is a partition, and a function of the seed") {
    const auto categories = categories_in_turn(7, 300);
    const ClientRows split = dirichlet(categories, 40, 0.5, 1);
    REQUIRE(split.size() == 40);
    CHECK(is_partition(split, categories.size()));
    CHECK(fewest_rows(split) >= fewest_client_rows);
    CHECK(dirichlet(categories, 40, 0.5, 1) == split);
    CHECK(dirichlet(categories, 40, 0.5, 2) != split);
}

TEST_CASE("two clients share a category by the law of Dirichlet and multinomial") {
    // With alpha 1 the first client's number is uniform on 0..40; given that both have ten rows, on
    // 10..30. Of 2100 splits 100 are expected at each, with a standard deviation of 9.8; six of
    // them.
    const std::vector<std::string> rows(40, "only");
    std::vector<int> counts(41, 0);
    for (std::uint64_t seed = 0; seed < 2100; ++seed) {
        ++counts[dirichlet(rows, 2, 1.0, seed)[0].size()];
    }
    for (std::size_t size = 0; size <= 40; ++size) {
        CAPTURE(size);
        if (size >= 10 && size <= 30) {
            CHECK(std::abs(counts[size] - 100) < 59);
        } else {
            CHECK(counts[size] == 0);
        }
    }
}

TEST_CASE("the smaller alpha, the fewer categories a client has") {
    const auto categories = categories_in_turn(5, 2000);
    // A client of a thousand rows in even proportions has a largest share of 0.2 and little more.
    CHECK(mean_largest_share(dirichlet(categories, 10, 1e6, 1), 5) < 0.25);
    const double middle = mean_largest_share(dirichlet(categories, 10, 1.0, 1), 5);
    CHECK(middle > 0.3);
    CHECK(mean_largest_share(dirichlet(categories, 10, 0.05, 1), 5) > middle);
}

TEST_CASE("every client has its fewest rows, even where no draw gives them") {
    const auto categories = categories_in_turn(4, 50);
    const ClientRows split = dirichlet(categories, 20, 1e-6, 1);
    CHECK(is_partition(split, 200));
    for (const auto& client : split) CHECK(client.size() == fewest_client_rows);
}

TEST_CASE("splits by category follow the names") {
    const std::vector<std::string> categories{"b", "a", "c", "a"};
    CHECK(split_by_category(categories) == ClientRows{{1, 3}, {0}, {2}});
}

TEST_CASE("splits that cannot be are refused") {
    auto generator = named_generator(1, "split");
    CHECK_THROWS_AS(split_iid(2, 3, generator), std::invalid_argument);
    CHECK_THROWS_AS(split_iid(2, 0, generator), std::invalid_argument);
    const auto categories = categories_in_turn(2, 15);
    CHECK_THROWS_AS(dirichlet(categories, 4, 0.5, 1), std::invalid_argument);
    CHECK_THROWS_AS(dirichlet(categories, 0, 0.5, 1), std::invalid_argument);
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    for (const double alpha : {0.0, -1.0, 2e6, not_a_number}) {
        CAPTURE(alpha);
        CHECK_THROWS_AS(dirichlet(categories, 3, alpha, 1), std::invalid_argument);
    }
}
