#include "fed_llm/data/jsonl.hpp"

#include <set>
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

std::string rows(const std::string& output, int count) {
    std::vector<nlohmann::ordered_json> list;
    for (int i = 0; i < count; ++i) {
        list.push_back({{"instruction", "Do it."}, {"output", output + std::to_string(i)}});
        if (i % 2 == 0) list.back()["category"] = "even";
    }
    return jsonl(list);
}

DatasetSettings settings(const std::filesystem::path& path) {
    DatasetSettings result;
    result.path = path;
    result.max_length = 100'000;
    return result;
}

}  // namespace

TEST_CASE("a JSONL file is split into ten clients and a tenth held out") {
    const TemporaryFolder folder;
    const auto file = folder.write("mine.jsonl", rows("row ", 105));
    const auto dataset = load_jsonl(settings(file), small_tokenizer());
    CHECK(dataset.clients.size() == 10);
    CHECK(dataset.test.size() == 10);
    CHECK(example_count(dataset.clients) == 95);
    CHECK(categories_add_up(dataset.clients));
    std::set<std::string> different;
    std::set<std::string> categories;
    for (const Client& client : dataset.clients) {
        for (const std::string& text : references(client.examples)) different.insert(text);
        for (const auto& [category, count] : client.categories) categories.insert(category);
    }
    for (const std::string& text : references(dataset.test)) different.insert(text);
    CHECK(different.size() == 105);
    CHECK(categories == std::set<std::string>{"all", "even"});
    CHECK_FALSE(dataset.final_numbers);
}

TEST_CASE("a folder may bring its own test set") {
    const TemporaryFolder folder;
    folder.write("train.jsonl", rows("row ", 40));
    DatasetSettings chosen = settings(folder.path());
    chosen.clients = 3;
    chosen.split = Split::dirichlet;
    CHECK(load_jsonl(chosen, small_tokenizer()).test.size() == 4);
    folder.write("test.jsonl", rows("test ", 3));
    const auto dataset = load_jsonl(chosen, small_tokenizer());
    CHECK(references(dataset.test) == std::vector<std::string>{"test 0", "test 1", "test 2"});
    CHECK(dataset.clients.size() == 3);
    CHECK(example_count(dataset.clients) == 40);
    folder.write("test.jsonl", "{}");
    CHECK(error_field([&] { load_jsonl(chosen, small_tokenizer()); }) == "line 1, instruction");
}
