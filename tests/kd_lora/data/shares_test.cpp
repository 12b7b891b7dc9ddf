#include "kd_lora/data/shares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kd_lora/data/data_set.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

/// Examples of which two thirds are of label 1, sorted by label.
std::vector<LabelledExample> sorted_examples(std::size_t count) {
    std::vector<LabelledExample> examples(count);
    for (std::size_t row = 0; row < count; ++row) {
        examples[row] = {std::to_string(row), 3 * row < count ? 0 : 1};
    }
    return examples;
}

/// Whether the rows are `begin` to `end`, without the end.
bool is_stretch(const std::vector<std::size_t>& rows, std::size_t begin, std::size_t end) {
    std::vector<std::size_t> expected(end - begin);
    std::iota(expected.begin(), expected.end(), begin);
    return rows == expected;
}

std::vector<std::size_t> sizes(const Shares& shares) {
    std::vector<std::size_t> result{shares.server.size()};
    for (const auto& rows : shares.clients) result.push_back(rows.size());
    return result;
}

/// Whether every row is in one share, and each share in ascending order.
bool is_partition(const Shares& shares, std::size_t count) {
    std::vector<std::size_t> all = shares.server;
    bool ascending = std::ranges::is_sorted(shares.server);
    for (const auto& rows : shares.clients) {
        ascending = ascending && std::ranges::is_sorted(rows);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    std::ranges::sort(all);
    return ascending && is_stretch(all, 0, count);
}

double share_of_ones(const std::vector<LabelledExample>& examples,
                     const std::vector<std::size_t>& rows) {
    const auto counts = label_counts(examples, rows, 2);
    return static_cast<double>(counts[1]) / static_cast<double>(rows.size());
}

}  // namespace

TEST_CASE("a percentage ends at its row, a half rounded to even") {
    CHECK(row_at_percent(8551, 0) == 0);
    CHECK(row_at_percent(8551, 20) == 1710);  // 1710.2
    CHECK(row_at_percent(8551, 60) == 5131);  // 5130.6
    CHECK(row_at_percent(8551, 100) == 8551);
    CHECK(row_at_percent(50, 1) == 0);   // 0.5
    CHECK(row_at_percent(150, 1) == 2);  // 1.5
    CHECK(row_at_percent(250, 1) == 2);  // 2.5
    CHECK(row_at_percent(350, 1) == 4);  // 3.5
    CHECK(row_at_percent(10, 45) == 4);  // 4.5
    CHECK(row_at_percent(10, 55) == 6);  // 5.5
    CHECK(row_at_percent(0, 50) == 0);
    CHECK_THROWS_AS(row_at_percent(10, 101), std::invalid_argument);
    CHECK_THROWS_AS(row_at_percent(10, -1), std::invalid_argument);
}

TEST_CASE("the server's share is as large as a client's unless told otherwise") {
    CHECK(default_public_percent(4) == 20);
    CHECK(default_public_percent(2) == 33);
    CHECK(default_public_percent(100) == 0);
    CHECK_THROWS_AS(default_public_percent(0), std::invalid_argument);
}

TEST_CASE("the contiguous cut is the public code's, row by row") {
    const auto cola = make_shares(sorted_examples(8551), {});
    CHECK(is_stretch(cola.server, 0, 1710));
    REQUIRE(cola.clients.size() == 4);
    CHECK(is_stretch(cola.clients[0], 1710, 3420));
    CHECK(is_stretch(cola.clients[1], 3420, 5131));
    CHECK(is_stretch(cola.clients[2], 5131, 6841));
    CHECK(is_stretch(cola.clients[3], 6841, 8551));
    CHECK(sizes(make_shares(sorted_examples(67349), {})) ==
          std::vector<std::size_t>{13470, 13470, 13469, 13470, 13470});
    // 67 percent for three clients: (r - 1) 67 div 3 is 0, 22, 44, 67.
    const auto three = make_shares(sorted_examples(1000), {.clients = 3, .public_percent = 33});
    CHECK(is_stretch(three.server, 0, 330));
    CHECK(is_stretch(three.clients[0], 330, 550));
    CHECK(is_stretch(three.clients[1], 550, 770));
    CHECK(is_stretch(three.clients[2], 770, 1000));
}

TEST_CASE("batches of 32 are as many as the public code has") {
    for (const auto& [rows, batches] : {std::pair{8551, 54}, std::pair{67349, 421}}) {
        for (const std::size_t size :
             sizes(make_shares(sorted_examples(static_cast<std::size_t>(rows)), {}))) {
            CHECK((size + 31) / 32 == static_cast<std::size_t>(batches));
        }
    }
}

TEST_CASE("no public share, or all of it") {
    const auto none = make_shares(sorted_examples(100), {.clients = 2, .public_percent = 0});
    CHECK(none.server.empty());
    CHECK(is_stretch(none.clients[0], 0, 50));
    CHECK(is_stretch(none.clients[1], 50, 100));
    for (const auto& [name, split] : splits) {
        CHECK(is_stretch(public_share(100, {.split = split, .public_percent = 100}), 0, 100));
        CHECK(public_share(100, {.split = split, .public_percent = 0}).empty());
        CHECK_THROWS_AS(make_shares(sorted_examples(100), {.split = split, .public_percent = 100}),
                        std::invalid_argument);
        CHECK_THROWS_AS(make_shares(sorted_examples(100), {.split = split, .public_percent = -1}),
                        std::invalid_argument);
        CHECK_THROWS_AS(make_shares(sorted_examples(100), {.split = split, .clients = 0}),
                        std::invalid_argument);
    }
}

TEST_CASE("a client without rows is refused") {
    // 80 percent in whole ones are enough for 80 clients.
    CHECK(make_shares(sorted_examples(1000), {.clients = 80}).clients.size() == 80);
    CHECK_THROWS_WITH_AS(
        make_shares(sorted_examples(1000), {.clients = 81}),
        "contiguous split: expected a row for each client, got none for client 1 of "
        "81, of 1000 rows in whole percents, of which the server has 20",
        std::invalid_argument);
    CHECK_THROWS_AS(make_shares(sorted_examples(4), {}), std::invalid_argument);
    CHECK_THROWS_AS(make_shares({}, {}), std::invalid_argument);
    CHECK_THROWS_AS(make_shares(sorted_examples(4), {.split = Split::iid}), std::invalid_argument);
    CHECK_THROWS_AS(make_shares(sorted_examples(40), {.split = Split::dirichlet}),
                    std::invalid_argument);
}

TEST_CASE("an IID split has like shares of a sorted file") {
    const auto examples = sorted_examples(6000);
    const ShareSettings settings{.split = Split::iid, .seed = 5};
    const auto shares = make_shares(examples, settings);
    CHECK(is_partition(shares, 6000));
    CHECK(sizes(shares) == std::vector<std::size_t>{1200, 1200, 1200, 1200, 1200});
    CHECK(std::abs(share_of_ones(examples, shares.server) - 2.0 / 3.0) < 0.06);
    for (const auto& rows : shares.clients) {
        CHECK(std::abs(share_of_ones(examples, rows) - 2.0 / 3.0) < 0.06);
    }
    const auto again = make_shares(examples, settings);
    CHECK(again.server == shares.server);
    CHECK(again.clients == shares.clients);
    CHECK(make_shares(examples, {.split = Split::iid, .seed = 6}).server != shares.server);
}

TEST_CASE("a Dirichlet split has unlike clients, and the server a sample of all") {
    const auto examples = sorted_examples(6000);
    const ShareSettings settings{.split = Split::dirichlet, .alpha = 0.1, .seed = 5};
    const auto shares = make_shares(examples, settings);
    CHECK(is_partition(shares, 6000));
    CHECK(std::abs(share_of_ones(examples, shares.server) - 2.0 / 3.0) < 0.06);
    CHECK(std::ranges::any_of(shares.clients, [&](const auto& rows) {
        return std::abs(share_of_ones(examples, rows) - 2.0 / 3.0) > 0.2;
    }));
    for (const auto& rows : shares.clients) CHECK(rows.size() >= federated::fewest_client_rows);
}

TEST_CASE("the public share is the same whoever else takes part") {
    for (const auto& [name, split] : splits) {
        const auto examples = sorted_examples(1000);
        const auto share = public_share(1000, {.split = split, .seed = 7});
        for (const std::size_t clients : {std::size_t{2}, std::size_t{7}}) {
            CHECK(make_shares(examples, {.split = split, .clients = clients, .seed = 7}).server ==
                  share);
        }
    }
}

TEST_CASE("a table of shares against labels") {
    const std::vector<LabelledExample> examples{{"a", 0}, {"b", 1}, {"c", 2}, {"d", 1}};
    const Shares shares{{0}, {{1, 3}, {2}}};
    CHECK(share_table(examples, shares, 3) ==
          "share,0,1,2\nserver,1,0,0\nclient 1,0,2,0\nclient 2,0,0,1\n");
}

TEST_SUITE("shared") {
    TEST_CASE("shares of CoLA are unlike, those of SST-2 alike") {
        const auto rates = [](const char* name) {
            const DataSet data =
                load_data_set({name, std::filesystem::path(FERRET_SHARED_DIR) / "data" / name, 0});
            const Shares shares = make_shares(data.train, {});
            std::vector<double> result{share_of_ones(data.train, shares.server)};
            for (const auto& rows : shares.clients) {
                result.push_back(share_of_ones(data.train, rows));
            }
            return result;
        };
        const std::vector<double> cola{0.650, 0.671, 0.709, 0.765, 0.726};
        const std::vector<double> found = rates("cola");
        REQUIRE(found.size() == cola.size());
        for (std::size_t i = 0; i < cola.size(); ++i) CHECK(std::abs(found[i] - cola[i]) < 5.1e-4);
        for (const double rate : rates("sst2")) {
            CHECK(rate > 0.5535);
            CHECK(rate < 0.5655);
        }
    }
}
