#include "fed_llm/data/gsm8k.hpp"

#include <string>
#include <vector>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/tokenizers.hpp"
#include "fed_llm/text/final_number.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

namespace {

std::string problems(int count) {
    std::vector<nlohmann::ordered_json> rows;
    for (int i = 0; i < count; ++i) {
        rows.push_back({{"question", "How many?"}, {"answer", "So\n#### " + std::to_string(i)}});
    }
    return jsonl(rows);
}

DatasetSettings settings(const std::filesystem::path& path) {
    DatasetSettings result;
    result.path = path;
    result.max_length = 100'000;
    return result;
}

}  // namespace

TEST_CASE("GSM8K has three clients and the official test split") {
    const TemporaryFolder folder;
    folder.write("train.jsonl", problems(31));
    folder.write("test.jsonl", problems(5));
    DatasetSettings chosen = settings(folder.path());
    const auto dataset = load_gsm8k(chosen, small_tokenizer());
    REQUIRE(dataset.clients.size() == 3);
    for (const Client& client : dataset.clients) CHECK(client.examples.size() / 10 == 1);
    CHECK(example_count(dataset.clients) == 31);
    CHECK(categories_add_up(dataset.clients));
    REQUIRE(dataset.test.size() == 5);
    CHECK(dataset.test[4].reference == "So\n#### 4");
    CHECK(dataset.test[4].tokens ==
          make_example(small_tokenizer(), alpaca_prompt("How many?", ""), "So\n#### 4").tokens);
    CHECK(dataset.final_numbers);
    chosen.clients = 5;
    CHECK(load_gsm8k(chosen, small_tokenizer()).clients.size() == 5);
    chosen.max_length = 8;
    CHECK_THROWS_AS(load_gsm8k(chosen, small_tokenizer()), std::invalid_argument);
}

TEST_CASE("GSM8K needs both files") {
    const TemporaryFolder folder;
    const auto file = folder.write("train.jsonl", problems(9));
    CHECK(error_field([&] { load_gsm8k(settings(file), small_tokenizer()); }) == "path");
    CHECK(error_field([&] { load_gsm8k(settings(folder.path()), small_tokenizer()); }) == "file");
}

TEST_SUITE("shared") {
    TEST_CASE("GSM8K") {
        const auto dataset = load_gsm8k(
            settings(std::filesystem::path(FERRET_SHARED_DIR) / "data/gsm8k"), stories_tokenizer());
        CHECK(example_count(dataset.clients) == 7473);
        CHECK(dataset.test.size() == 1319);
        std::size_t with_number = 0;
        for (const Example& example : dataset.test) {
            if (final_number(example.reference)) ++with_number;
        }
        CHECK(with_number == 1319);
    }
}
