#include "fed_llm/data/dolly.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/tokenizers.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;
using namespace fed_llm;

namespace {

/// `count` rows of each of these categories, in turn.
std::string dolly_rows(const std::vector<std::string>& categories, int count) {
    std::vector<nlohmann::ordered_json> rows;
    for (int i = 0; i < count; ++i) {
        for (const std::string& category : categories) {
            rows.push_back({{"instruction", "Do it."},
                            {"context", i % 2 == 0 ? "" : "context"},
                            {"response", category + " " + std::to_string(i)},
                            {"category", category}});
        }
    }
    return jsonl(rows);
}

DatasetSettings settings(const std::filesystem::path& path) {
    DatasetSettings result;
    result.path = path;
    result.max_length = 100'000;
    result.seed = 1;
    result.clients = 4;
    return result;
}

}  // namespace

TEST_CASE("Dolly's last category by name is the test set, whatever the order of rows") {
    const TemporaryFolder folder;
    folder.write("databricks-dolly-15k.jsonl",
                 dolly_rows({"summarization", "brainstorming", "open_qa"}, 30));
    const auto dataset = load_dolly(settings(folder.path()), small_tokenizer());
    REQUIRE(dataset.test.size() == 30);
    CHECK(dataset.test[0].reference == "summarization 0");
    CHECK(dataset.test[29].reference == "summarization 29");
    CHECK(dataset.clients.size() == 4);
    CHECK(example_count(dataset.clients) == 60);
    CHECK(categories_add_up(dataset.clients));
    for (const Client& client : dataset.clients) {
        CHECK(client.examples.size() >= fewest_client_rows);
        CHECK_FALSE(client.categories.contains("summarization"));
    }
    CHECK_FALSE(dataset.final_numbers);
    const Example expected =
        make_example(small_tokenizer(), alpaca_prompt("Do it.", "context"), "summarization 1");
    CHECK(dataset.test[1].tokens == expected.tokens);
}

TEST_CASE("Dolly's split is as asked for, and a function of the seed") {
    const TemporaryFolder folder;
    const auto file = folder.write("rows.jsonl", dolly_rows({"a", "b", "c"}, 40));
    DatasetSettings chosen = settings(file);
    const auto split = [&] {
        std::vector<std::vector<std::string>> clients;
        for (const Client& client : load_dolly(chosen, small_tokenizer()).clients) {
            clients.push_back(references(client.examples));
        }
        return clients;
    };
    const auto by_default = split();
    CHECK(split() == by_default);
    chosen.split = Split::dirichlet;
    CHECK(split() == by_default);
    chosen.seed = 2;
    CHECK(split() != by_default);
    chosen.split = Split::iid;
    for (const auto& client : split()) CHECK(client.size() == 20);
    chosen.clients = 0;  // 200 of them
    CHECK_THROWS_AS(split(), std::invalid_argument);
}

TEST_CASE("Dolly's context and category may be missing or null") {
    const TemporaryFolder folder;
    const auto with = [&](const nlohmann::ordered_json& value) {
        std::vector<nlohmann::ordered_json> rows;
        for (int i = 0; i < 60; ++i) {
            rows.push_back({{"instruction", "Do it."}, {"response", std::to_string(i)}});
            if (i % 3 != 0) {
                rows.back()["category"] = i % 3 == 1 ? "other" : "test";
            } else if (!value.is_discarded()) {
                rows.back()["context"] = value;
                rows.back()["category"] = value;
            }
        }
        return load_dolly(settings(folder.write("rows.jsonl", jsonl(rows))), small_tokenizer());
    };
    const auto missing = with(nlohmann::ordered_json::value_t::discarded);
    const auto null = with(nullptr);
    REQUIRE(missing.clients.size() == null.clients.size());
    std::size_t without_category = 0;
    for (std::size_t i = 0; i < null.clients.size(); ++i) {
        CHECK(references(missing.clients[i].examples) == references(null.clients[i].examples));
        CHECK(missing.clients[i].categories == null.clients[i].categories);
        const auto none = null.clients[i].categories.find("none");
        if (none != null.clients[i].categories.end()) without_category += none->second;
    }
    CHECK(without_category == 20);
}

TEST_CASE("Dolly without two categories, or with long rows alone, is refused") {
    const TemporaryFolder folder;
    const auto one = folder.write("one.jsonl", dolly_rows({"a"}, 3));
    CHECK(error_field([&] { load_dolly(settings(one), small_tokenizer()); }) == "category");
    const auto two = folder.write("two.jsonl", dolly_rows({"a", "b"}, 50));
    DatasetSettings short_rows = settings(two);
    short_rows.max_length = 8;
    CHECK_THROWS_AS(load_dolly(short_rows, small_tokenizer()), std::invalid_argument);
    CHECK(error_field([&] { load_dolly(settings(folder.path()), small_tokenizer()); }) == "folder");
}

TEST_SUITE("shared") {
    TEST_CASE("Dolly-15K") {
        DatasetSettings whole =
            settings(std::filesystem::path(FERRET_SHARED_DIR) / "data/dolly-15k");
        whole.clients = 0;
        const auto dataset = load_dolly(whole, stories_tokenizer());
        CHECK(dataset.test.size() == 1188);
        CHECK(dataset.clients.size() == 200);
        CHECK(example_count(dataset.clients) == 15011 - 1188);
        CHECK(categories_add_up(dataset.clients));
        std::set<std::string> categories;
        for (const Client& client : dataset.clients) {
            CHECK(client.examples.size() >= fewest_client_rows);
            for (const auto& [category, count] : client.categories) categories.insert(category);
        }
        CHECK(categories == std::set<std::string>{"brainstorming", "classification", "closed_qa",
                                                  "creative_writing", "general_qa",
                                                  "information_extraction", "open_qa"});
    }
}
