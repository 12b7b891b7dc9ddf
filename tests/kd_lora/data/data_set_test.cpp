#include "kd_lora/data/data_set.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

/// Rows of people's own with these labels; sentences are the rows' numbers.
std::string rows(std::initializer_list<int> labels) {
    std::string text = "text\tlabel\n";
    int number = 0;
    for (const int label : labels) {
        text += "sentence " + std::to_string(number++) + "\t" + std::to_string(label) + "\n";
    }
    return text;
}

std::string alternating(int count) {
    std::string text = "text\tlabel\n";
    for (int row = 0; row < count; ++row) {
        text += std::to_string(row) + "\t" + std::to_string(row % 2) + "\n";
    }
    return text;
}

double share_of_ones(const std::vector<LabelledExample>& examples) {
    const auto ones = std::ranges::count(examples, 1, &LabelledExample::label);
    return static_cast<double>(ones) / static_cast<double>(examples.size());
}

}  // namespace

TEST_CASE("there are four data sets, and no other name") {
    CHECK(data_set_names() == std::vector<std::string>{"cola", "sst2", "tsv", "jsonl"});
    CHECK_THROWS_WITH_AS(load_data_set({"mnli", ".", 0}),
                         "data set: expected one of cola, sst2, tsv, jsonl, got 'mnli'",
                         std::invalid_argument);
}

TEST_CASE("GLUE's folders are found by themselves or in the folder that holds them") {
    const TemporaryFolder folder;
    const std::string row = "x\t1\t\tA sentence.\n";
    folder.write("CoLA/train.tsv", row + row);
    folder.write("CoLA/dev.tsv", row);
    folder.write("CoLA/test.tsv", "index\tsentence\n0\tNo label.\n");
    folder.write("SST-2/train.tsv", "sentence\tlabel\na\t1\n");
    folder.write("SST-2/dev.tsv", "sentence\tlabel\nb\t0\n");
    for (const auto& path : {folder.path(), folder.path() / "CoLA"}) {
        const DataSet data = load_data_set({"cola", path, 0});
        CHECK(data.train.size() == 2);
        CHECK(data.validation.size() == 1);
        CHECK(data.labels == 2);
    }
    CHECK(load_data_set({"sst2", folder.path(), 0}).validation[0].sentence == "b");
    const auto field = [&](const char* name, const std::filesystem::path& path) {
        return error_field([&] { load_data_set({name, path, 0}); });
    };
    CHECK(field("sst2", folder.path() / "CoLA") == "line 1");
    CHECK(field("cola", folder.path() / "SST-2") == "line 1");
    CHECK(field("cola", folder.path() / "CoLA" / "train.tsv") == "path");
    CHECK(field("cola", folder.path() / "missing") == "path");
    std::filesystem::remove(folder.path() / "CoLA" / "dev.tsv");
    CHECK(field("cola", folder.path()) == "file");
}

TEST_CASE("own files may come with those to validate on, under either name") {
    for (const std::string part : {"dev", "validation"}) {
        const TemporaryFolder folder;
        folder.write("train.tsv", rows({0, 1, 2, 1}));
        folder.write(part + ".tsv", rows({2, 0}));
        folder.write("test.tsv", "neither read nor checked");
        const DataSet data = load_data_set({"tsv", folder.path(), 0});
        CHECK(data.labels == 3);
        CHECK(data.train.size() == 4);
        CHECK(data.validation.size() == 2);
        folder.write(part + ".tsv", rows({2, 3}));
        CHECK(error_field([&] { load_data_set({"tsv", folder.path(), 0}); }) == "line 3, label");
    }
    const TemporaryFolder folder;
    folder.write("train.jsonl", "{\"text\":\"a\",\"label\":0}\n{\"text\":\"b\",\"label\":1}\n");
    folder.write("dev.jsonl", "{\"text\":\"c\",\"label\":1}\n");
    CHECK(load_data_set({"jsonl", folder.path(), 0}).validation ==
          std::vector<LabelledExample>{{"c", 1}});
    CHECK(error_field([&] { load_data_set({"tsv", folder.path(), 0}); }) == "file");
}

TEST_CASE("without a validation file a random tenth is held out") {
    const TemporaryFolder folder;
    const auto file = folder.write("all.tsv", alternating(57));
    const DataSet data = load_data_set({"tsv", file, 3});
    CHECK(data.train.size() == 52);
    CHECK(data.validation.size() == 5);
    std::set<std::string> sentences;
    const auto in_order = [&](const std::vector<LabelledExample>& part) {
        for (const LabelledExample& example : part) {
            sentences.insert(example.sentence);
            CHECK(example.label == std::stoi(example.sentence) % 2);
        }
        return std::ranges::is_sorted(
            part, {}, [](const LabelledExample& example) { return std::stoi(example.sentence); });
    };
    CHECK(in_order(data.train));
    CHECK(in_order(data.validation));
    CHECK(sentences.size() == 57);
    CHECK(load_data_set({"tsv", file, 3}).validation == data.validation);
    CHECK(load_data_set({"tsv", file, 4}).validation != data.validation);
    folder.write("train.tsv", alternating(57));
    CHECK(load_data_set({"tsv", folder.path(), 3}).validation == data.validation);
    const auto two = load_data_set({"tsv", folder.write("two.tsv", alternating(2)), 0});
    CHECK(two.train.size() == 1);
    CHECK(two.validation.size() == 1);
}

TEST_CASE("labels of own files are 0 to n - 1, each of them there") {
    const TemporaryFolder folder;
    const auto field = [&](std::initializer_list<int> labels) {
        const auto file = folder.write("all.tsv", rows(labels));
        return error_field([&] { load_data_set({"tsv", file, 0}); });
    };
    CHECK(field({1, 0}) == "no error");
    CHECK(field({2, 1, 0, 3}) == "no error");
    CHECK(field({1, 2, 1}) == "line 2, label");     // 0 is missing
    CHECK(field({0, 5, 3, 1}) == "line 4, label");  // 2 is missing: the first row of 3
    CHECK(field({0, 0, 0}) == "label");
    CHECK(field({1}) == "line 2, label");
    CHECK(field({0, 999999999}) == "line 3, label");
    const auto file = folder.write("gap.tsv", rows({0, 2}));
    CHECK_THROWS_WITH_AS(load_data_set({"tsv", file, 0}), doctest::Contains("'2', and no row of 1"),
                         files::FileError);
}

TEST_SUITE("shared") {
    TEST_CASE("CoLA and SST-2 are as large and as lopsided as published") {
        const auto load = [](const char* name) {
            return load_data_set(
                {name, std::filesystem::path(FERRET_SHARED_DIR) / "data" / name, 0});
        };
        const DataSet cola = load("cola");
        CHECK(cola.train.size() == 8551);
        CHECK(cola.validation.size() == 1043);
        CHECK(std::ranges::count(cola.validation, 1, &LabelledExample::label) == 719);
        CHECK(share_of_ones(cola.train) == doctest::Approx(6023.0 / 8551.0));
        CHECK(cola.validation[0].sentence == "The sailors rode the breeze clear of the rocks.");
        std::set<std::string> train;
        for (const LabelledExample& example : cola.train) train.insert(example.sentence);
        CHECK(std::ranges::count_if(cola.validation, [&](const LabelledExample& example) {
                  return train.contains(example.sentence);
              }) == 18);

        const DataSet sst2 = load("sst2");
        CHECK(sst2.train.size() == 67349);
        CHECK(sst2.validation.size() == 872);
        CHECK(std::ranges::count(sst2.validation, 1, &LabelledExample::label) == 444);
        CHECK(share_of_ones(sst2.train) == doctest::Approx(37569.0 / 67349.0));
        CHECK(sst2.train[0] == LabelledExample{"hide new secretions from the parental units ", 0});
    }
}
