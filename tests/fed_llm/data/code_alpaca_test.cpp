#include "fed_llm/data/code_alpaca.hpp"

#include <algorithm>
#include <array>
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

/// The layout of rosetta_alpaca.json: ten languages, 20 rows each, but 5 of assembly.
nlohmann::ordered_json rosetta_rows() {
    constexpr std::array languages{"C",   "C#",     "C++",    "Go",    "Java",
                                   "PHP", "Pascal", "Python", "Scala", "X86-64 Assembly"};
    auto rows = nlohmann::ordered_json::array();
    for (int i = 0; i < 20; ++i) {
        for (const std::string language : languages) {
            if (language == "X86-64 Assembly" && i >= 5) continue;
            rows.push_back({{"instruction", "Do it."},
                            {"input", language},
                            {"output", language + " " + std::to_string(i)}});
        }
    }
    return rows;
}

DatasetSettings settings(const std::filesystem::path& path) {
    DatasetSettings result;
    result.path = path;
    result.max_length = 100'000;
    return result;
}

std::vector<std::string> names(const std::vector<Client>& clients) {
    std::vector<std::string> result;
    for (const Client& client : clients) result.push_back(client.name);
    return result;
}

}  // namespace

TEST_CASE("CodeAlpaca has a client for each of the nine languages with the most rows") {
    const TemporaryFolder folder;
    folder.write("rosetta_alpaca.json", rosetta_rows().dump());
    const auto dataset = load_code_alpaca(settings(folder.path()), small_tokenizer());
    CHECK(names(dataset.clients) == std::vector<std::string>{"C", "C#", "C++", "Go", "Java", "PHP",
                                                             "Pascal", "Python", "Scala"});
    CHECK(dataset.dropped.without_category == 5);
    CHECK(dataset.test.size() == 18);
    CHECK(example_count(dataset.clients) == 162);
    CHECK(categories_add_up(dataset.clients));
    for (const Client& client : dataset.clients) {
        for (const std::string& text : references(client.examples)) {
            CHECK(text.starts_with(client.name + " "));
        }
    }
}

TEST_CASE("CodeAlpaca's rows go to other clients when asked for") {
    const TemporaryFolder folder;
    const auto file = folder.write("rows.json", rosetta_rows().dump());
    DatasetSettings chosen = settings(file);
    chosen.clients = 6;
    const auto mixed = load_code_alpaca(chosen, small_tokenizer());
    CHECK(mixed.clients.size() == 6);
    CHECK(example_count(mixed.clients) == 162);
    chosen.split = Split::iid;
    for (const Client& client : load_code_alpaca(chosen, small_tokenizer()).clients) {
        CHECK(client.examples.size() == 27);
    }
    chosen.clients = 0;
    CHECK(load_code_alpaca(chosen, small_tokenizer()).clients.size() == 9);
}

TEST_CASE("CodeAlpaca's rows that name no language are left out, long ones too") {
    const TemporaryFolder folder;
    auto rows = nlohmann::ordered_json::array();
    for (int i = 0; i < 12; ++i) {
        rows.push_back({{"instruction", "Write Python."}, {"input", ""}, {"output", "1"}});
        rows.push_back({{"instruction", "Write it."}, {"input", ""}, {"output", "1"}});
    }
    rows.push_back(
        {{"instruction", "Write SQL."}, {"input", ""}, {"output", std::string(900, 'x')}});
    const auto file = folder.write("rows.json", rows.dump());
    DatasetSettings chosen = settings(file);
    chosen.max_length = 600;
    const auto dataset = load_code_alpaca(chosen, small_tokenizer());
    CHECK(names(dataset.clients) == std::vector<std::string>{"Python"});
    CHECK(dataset.clients[0].examples.size() == 11);
    CHECK(dataset.test.size() == 1);
    CHECK(dataset.dropped.without_category == 12);
    CHECK(dataset.dropped.long_train_instances == 1);
    CHECK(error_field([&] { load_code_alpaca(settings(folder.path()), small_tokenizer()); }) ==
          "folder");
    folder.write("rows.json", R"([{"instruction": "Write it.", "output": "1"}])");
    CHECK(error_field([&] { load_code_alpaca(settings(file), small_tokenizer()); }) == "rows");
}

TEST_SUITE("shared") {
    TEST_CASE("CodeAlpaca, the 2k subset") {
        const auto dataset = load_code_alpaca(
            settings(std::filesystem::path(FERRET_SHARED_DIR) / "data/code-alpaca"),
            stories_tokenizer());
        CHECK(dataset.clients.size() == 9);
        const std::size_t kept = example_count(dataset.clients) + dataset.test.size();
        CHECK(kept + dataset.dropped.without_category == 2017);
        CHECK(dataset.test.size() == kept / 10);
        CHECK(names(dataset.clients) == std::vector<std::string>{"C", "C++", "CSS", "HTML", "Java",
                                                                 "JavaScript", "PHP", "Python",
                                                                 "SQL"});
    }
}
