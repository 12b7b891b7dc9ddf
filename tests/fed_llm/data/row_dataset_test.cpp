#include "fed_llm/data/row_dataset.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/tokenizers.hpp"
#include "support/doctest.hpp"

using namespace federated;
using namespace fed_llm;

namespace {

/// Rows "output 0" to "output COUNT - 1", of the categories "a" and "b" in turn.
LabelledExamples rows(std::size_t count) {
    LabelledExamples result;
    for (std::size_t i = 0; i < count; ++i) {
        Example example;
        example.reference = "output " + std::to_string(i);
        result.add(std::move(example), i % 2 == 0 ? "a" : "b");
    }
    return result;
}

DatasetSettings settings(std::uint64_t seed) {
    DatasetSettings result;
    result.name = "rows";
    result.max_length = 100'000;
    result.seed = seed;
    return result;
}

}  // namespace

TEST_CASE("a row is an Alpaca prompt and its output") {
    const auto encoded =
        encode_rows({{"Do it.", "input 1", "output 1", "kind"}, {"Do it.", "", "output 2", ""}},
                    small_tokenizer(), settings(1), Purpose::training, "all");
    REQUIRE(encoded.examples.size() == 2);
    CHECK(encoded.categories == std::vector<std::string>{"kind", "all"});
    for (std::size_t i = 0; i < 2; ++i) {
        const Example expected =
            make_example(small_tokenizer(), alpaca_prompt("Do it.", i == 0 ? "input 1" : ""),
                         "output " + std::to_string(i + 1));
        CHECK(encoded.examples[i].tokens == expected.tokens);
        CHECK(encoded.examples[i].prompt_length == expected.prompt_length);
        CHECK(encoded.examples[i].reference == expected.reference);
    }
    CHECK(encoded.too_long == 0);
}

TEST_CASE("rows over the length limit are left out and counted") {
    const std::vector<InstructionRow> two{{"Do it.", "", "1", ""}, {"Do it.", "", "1 2 3", ""}};
    const auto length = [&](std::size_t row) {
        return static_cast<std::int64_t>(make_example(small_tokenizer(),
                                                      alpaca_prompt(two[row].instruction, ""),
                                                      two[row].output)
                                             .tokens.size());
    };
    const auto encoded = [&](std::int64_t max_length) {
        DatasetSettings limited = settings(1);
        limited.max_length = max_length;
        return encode_rows(two, small_tokenizer(), limited, Purpose::test, {});
    };
    CHECK(encoded(length(1)).examples.size() == 2);
    CHECK(encoded(length(1)).too_long == 0);
    LabelledExamples left = encoded(length(1) - 1);
    CHECK(references(left.examples) == std::vector<std::string>{"1"});
    CHECK(left.categories.size() == 1);
    CHECK(left.too_long == 1);

    CHECK_THROWS_WITH_AS(encoded(8),
                         "rows: expected test examples of at most 8 tokens (--max-length), got "
                         "none: 2 of 2 are longer",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        hold_out_tenth(left, 1),
        "hold out: expected at least 2 examples, got 1; 1 more are over the length "
        "limit",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        make_clients(left, settings(1), 2, Split::iid),
        "split: expected at least 1 rows for each of 2 clients, got 1 rows in all; "
        "1 more are over the length limit",
        std::invalid_argument);
}

TEST_CASE("a tenth is held out, in the order of the categories") {
    LabelledExamples left = rows(59);
    const LabelledExamples held = hold_out_tenth(left, 1);
    CHECK(held.examples.size() == 5);
    CHECK(left.examples.size() == 54);
    CHECK(std::is_sorted(held.categories.begin(), held.categories.end()));
    std::vector<std::string> all = references(left.examples);
    for (const std::string& text : references(held.examples)) all.push_back(text);
    std::vector<std::string> expected = references(rows(59).examples);
    std::sort(all.begin(), all.end());
    std::sort(expected.begin(), expected.end());
    CHECK(all == expected);

    LabelledExamples again = rows(59);
    CHECK(references(hold_out_tenth(again, 1).examples) == references(held.examples));
    LabelledExamples other = rows(59);
    CHECK(references(hold_out_tenth(other, 2).examples) != references(held.examples));
    LabelledExamples few = rows(2);
    CHECK(hold_out_tenth(few, 1).examples.size() == 1);
    CHECK_THROWS_AS(hold_out_tenth(few, 1), std::invalid_argument);
}

TEST_CASE("clients have names and count their categories") {
    const auto clients = make_clients(rows(230), settings(1), 12, Split::iid);
    REQUIRE(clients.size() == 12);
    CHECK(clients[0].name == "client 01");
    CHECK(clients[11].name == "client 12");
    CHECK(example_count(clients) == 230);
    CHECK(categories_add_up(clients));
    CHECK(clients[0].examples.size() == 20);
    const auto uneven = make_clients(rows(230), settings(1), 12, Split::dirichlet);
    CHECK(example_count(uneven) == 230);
    CHECK(categories_add_up(uneven));
    CHECK(references(uneven[0].examples) != references(clients[0].examples));
    const auto other = make_clients(rows(230), settings(2), 12, Split::iid);
    CHECK(references(other[0].examples) != references(clients[0].examples));
}

TEST_CASE("alpha reaches the split") {
    DatasetSettings even = settings(1);
    even.alpha = 1e6;
    DatasetSettings uneven = settings(1);
    uneven.alpha = 0.01;
    const auto largest = [](const std::vector<Client>& clients) {
        std::size_t most = 0;
        for (const Client& client : clients) most = std::max(most, client.examples.size());
        return most;
    };
    CHECK(largest(make_clients(rows(400), uneven, 8, Split::dirichlet)) >
          2 * largest(make_clients(rows(400), even, 8, Split::dirichlet)));
}

TEST_CASE("a client for each category has its name") {
    const auto clients = make_client_per_category(rows(5));
    REQUIRE(clients.size() == 2);
    CHECK(clients[0].name == "a");
    CHECK(clients[0].categories.at("a") == 3);
    CHECK(references(clients[1].examples) == std::vector<std::string>{"output 1", "output 3"});
}
