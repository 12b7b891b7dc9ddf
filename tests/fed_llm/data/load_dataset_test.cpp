#include "fed_llm/data/load_dataset.hpp"

#include <stdexcept>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/task_folder.hpp"
#include "fed_llm/support/tokenizers.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace federated;
using namespace fed_llm;

namespace {

DatasetSettings settings(const std::string& name, const std::filesystem::path& path) {
    return {.name = name, .path = path, .max_length = 100'000, .seed = 1};
}

/// Rows that have the fields of every data set.
std::vector<nlohmann::ordered_json> rows_of_every_kind(int count, const std::string& instruction) {
    std::vector<nlohmann::ordered_json> rows;
    for (int i = 0; i < count; ++i) {
        rows.push_back({{"instruction", instruction},
                        {"output", "1"},
                        {"response", "2"},
                        {"category", i % 2 == 0 ? "a" : "b"},
                        {"question", "?"},
                        {"answer", "#### 3"}});
    }
    return rows;
}

}  // namespace

TEST_CASE("a data set is loaded by its name") {
    const TemporaryFolder folder;
    const auto rows = rows_of_every_kind(40, "Do it.");
    const auto file = folder.write("train.jsonl", jsonl(rows));
    folder.write("test.jsonl", jsonl(rows));
    const auto first_answer = [&](const std::string& name, const std::filesystem::path& path) {
        DatasetSettings chosen = settings(name, path);
        chosen.clients = 2;
        return load_dataset(chosen, small_tokenizer()).clients.at(0).examples.at(0).reference;
    };
    CHECK(first_answer("jsonl", file) == "1");
    CHECK(first_answer("dolly", file) == "2");
    CHECK(first_answer("gsm8k", folder.path()) == "#### 3");
    CHECK(error_field([&] { first_answer("code-alpaca", folder.path()); }) == "folder");
}

TEST_CASE("loading can be ended before any of its examples") {
    const TemporaryFolder folder;
    const auto file = folder.write("train.jsonl", jsonl(rows_of_every_kind(40, "Do it.")));
    write_tasks(folder, "train", {{"one", task_json(30)}});
    write_tasks(folder, "test", {{"two", task_json(30)}});
    const auto load = [&](const std::string& name, const std::filesystem::path& path, int last) {
        DatasetSettings chosen = settings(name, path);
        int asked = 0;
        chosen.on_example = [&] {
            if (asked++ == last) throw std::runtime_error("stop");
        };
        load_dataset(chosen, small_tokenizer());
    };
    for (const int last : {0, 7, 39}) {
        CHECK_THROWS_WITH(load("jsonl", file, last), "stop");
        CHECK_THROWS_WITH(load("natural-instructions", folder.path(), last), "stop");
    }
    CHECK_NOTHROW(load("jsonl", file, 40));
    CHECK_NOTHROW(load("natural-instructions", folder.path(), 60));
}

TEST_CASE("the tasks of Natural Instructions are its clients") {
    const TemporaryFolder folder;
    nlohmann::ordered_json with_category = task_json(30);
    with_category["Categories"] = {"Question Answering"};
    write_tasks(folder, "train", {{"one", with_category}, {"two", task_json(30)}});
    write_tasks(folder, "test", {{"three", task_json(30)}});
    DatasetSettings chosen = settings("natural-instructions", folder.path());
    const auto dataset = load_dataset(chosen, small_tokenizer());
    REQUIRE(dataset.clients.size() == 2);
    CHECK(dataset.clients[0].categories.at("Question Answering") == 6);
    CHECK(dataset.clients[1].categories.at("two") == 6);
    CHECK(categories_add_up(dataset.clients));
    chosen.clients = 2;
    CHECK_THROWS_AS(load_dataset(chosen, small_tokenizer()), std::invalid_argument);
    chosen.clients = 0;
    chosen.split = Split::iid;
    CHECK_THROWS_AS(load_dataset(chosen, small_tokenizer()), std::invalid_argument);
}

TEST_CASE("a data set whose examples are all too long is refused") {
    const TemporaryFolder folder;
    std::vector<nlohmann::ordered_json> rows(2, {{"instruction", "Do it."}, {"output", "1"}});
    folder.write("train.jsonl", jsonl(rows));
    for (auto& row : rows) row["output"] = std::string(900, 'x');
    folder.write("test.jsonl", jsonl(rows));
    DatasetSettings chosen = settings("jsonl", folder.path());
    chosen.clients = 2;
    CHECK(load_dataset(chosen, small_tokenizer()).test.size() == 2);
    chosen.max_length = 600;
    CHECK_THROWS_WITH_AS(load_dataset(chosen, small_tokenizer()),
                         "jsonl: expected test examples of at most 600 tokens (--max-length), got "
                         "none: 2 of 2 are longer",
                         std::invalid_argument);

    write_tasks(folder, "train", {{"one", task_json(30)}});
    write_tasks(folder, "test", {{"two", task_json(30)}});
    chosen = settings("natural-instructions", folder.path());
    chosen.max_length = 8;
    CHECK_THROWS_WITH_AS(load_dataset(chosen, small_tokenizer()),
                         "natural-instructions: expected training tasks with 20 instances or more "
                         "of at most 8 tokens (--max-length), got fewer in each of the 1 tasks; 30 "
                         "instances are longer",
                         std::invalid_argument);
}

TEST_CASE("tasks that are all too small are refused as that") {
    const TemporaryFolder folder;
    write_tasks(folder, "train", {{"one", task_json(12)}, {"two", task_json(19)}});
    write_tasks(folder, "test", {{"three", task_json(30)}});
    CHECK_THROWS_WITH_AS(
        load_dataset(settings("natural-instructions", folder.path()), small_tokenizer()),
        "natural-instructions: expected training tasks with 20 instances or more of at most 100000 "
        "tokens (--max-length), got fewer in each of the 2 tasks; 0 instances are longer",
        std::invalid_argument);
}

TEST_CASE("every data set says that its rows are all too long") {
    const TemporaryFolder folder;
    const auto rows = rows_of_every_kind(4, "Write Python.");
    const auto file = folder.write("train.jsonl", jsonl(rows));
    folder.write("test.jsonl", jsonl(rows));
    for (const std::string name : {"jsonl", "code-alpaca", "dolly", "gsm8k"}) {
        DatasetSettings chosen = settings(name, name == "gsm8k" ? folder.path() : file);
        chosen.max_length = 50;
        CAPTURE(name);
        CHECK_THROWS_WITH_AS(load_dataset(chosen, small_tokenizer()),
                             doctest::Contains("examples of at most 50 tokens (--max-length), got "
                                               "none: "),
                             std::invalid_argument);
    }
}

TEST_CASE("unknown names and lengths below 1 are refused") {
    const TemporaryFolder folder;
    CHECK_THROWS_AS(load_dataset(settings("pile", folder.path()), small_tokenizer()),
                    std::invalid_argument);
    for (const std::string& name : dataset_names()) {
        DatasetSettings chosen = settings(name, folder.path());
        CHECK_THROWS_AS(load_dataset(chosen, small_tokenizer()), FileError);
        chosen.max_length = 0;
        CHECK_THROWS_AS(load_dataset(chosen, small_tokenizer()), std::invalid_argument);
    }
}
