#include "fed_llm/inputs/run_inputs.hpp"

#include <stdexcept>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/tiny_run.hpp"
#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

/// Options for `count` short rows and a last one that is far longer than the model has positions.
Options with_long_row(const TemporaryFolder& folder, int count) {
    std::vector<nlohmann::ordered_json> rows(static_cast<std::size_t>(count),
                                             {{"instruction", "Do it."}, {"output", "1"}});
    folder.write("test.jsonl", jsonl(rows));
    rows.push_back({{"instruction", "Do it."}, {"output", std::string(5000, 'x')}});
    Options options = tiny_command("", "ferret").options;
    options.dataset = "jsonl";
    options.data = folder.write("train.jsonl", jsonl(rows)).parent_path().string();
    options.max_length = 256;
    options.clients = 1;
    options.clients_per_round = 1;
    return options;
}

/// A copy of the tiny model whose config.json has another value in one field.
std::filesystem::path model_with(const TemporaryFolder& folder, const std::string& field,
                                 std::int64_t value) {
    const auto model = folder.path() / "model";
    std::filesystem::copy(tiny_inputs().model(), model);
    auto config = nlohmann::ordered_json::parse(read_bytes(model / "config.json"));
    config[field] = value;
    folder.write("model/config.json", config.dump());
    return model;
}

}  // namespace

TEST_CASE("examples are spread evenly") {
    std::vector<Example> examples(10);
    for (std::size_t i = 0; i < 10; ++i) examples[i].tokens = {static_cast<std::int64_t>(i)};
    const auto chosen = spread_evenly(examples, 4);
    REQUIRE(chosen.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(chosen[i].tokens == examples[i * 10 / 4].tokens);
    }
    CHECK(spread_evenly(examples, 0).size() == 10);
    CHECK(spread_evenly(examples, 11).size() == 10);
}

TEST_CASE("inputs follow the options") {
    Options options = tiny_command("", "ferret").options;
    options.clients_per_round = 0;
    options.participation = 0.5;
    const RunInputs inputs = load_inputs(options, options.model, options.data);
    CHECK(inputs.dataset.test.size() == 10);
    CHECK(inputs.federation.clients_per_round == (inputs.dataset.clients.size() + 1) / 2);
    CHECK(inputs.federation.rounds == 4);
    CHECK(training_example_count(inputs.dataset) > inputs.dataset.clients.size());
}

TEST_CASE("rows that the model has no room for are left out, and that is told") {
    const TemporaryFolder folder;
    Options options = with_long_row(folder, 30);
    options.max_length = 1'000'000;
    const RunInputs inputs = load_inputs(options, options.model, options.data);
    CHECK(training_example_count(inputs.dataset) == 30);
    CHECK(inputs.dataset.dropped.long_train_instances == 1);
    CHECK(describe_dropped(inputs.dataset.dropped) == "1 training examples over the length limit");
    REQUIRE(inputs.warnings.size() == 1);
    CHECK(inputs.warnings[0].starts_with("examples of more than 256 tokens are left out"));
    options.max_length = 256;
    CHECK(load_inputs(options, options.model, options.data).warnings.empty());
    options.max_new_tokens = 250;
    CHECK(load_inputs(options, options.model, options.data).warnings.size() == 1);
    options.rouge_examples = 0;
    CHECK(load_inputs(options, options.model, options.data).warnings.empty());
}

TEST_CASE("a split by categories without categories is told") {
    const TemporaryFolder folder;
    Options options = with_long_row(folder, 30);
    options.split = "dirichlet";
    const RunInputs inputs = load_inputs(options, options.model, options.data);
    REQUIRE(inputs.warnings.size() == 1);
    CHECK(inputs.warnings[0].starts_with("--split dirichlet: all rows are of one category"));
}

TEST_CASE("a tokenizer with tokens that the model does not have is refused") {
    const TemporaryFolder folder;
    const Options options = with_long_row(folder, 30);
    const auto model = model_with(folder, "vocab_size", 300);
    CHECK_THROWS_WITH_AS(load_inputs(options, model, options.data),
                         doctest::Contains("--model: expected a tokenizer with tokens below "
                                           "vocab_size 300 (config.json), got token"),
                         std::invalid_argument);
}

TEST_CASE("what was left out is told in words") {
    CHECK(describe_dropped({}).empty());
    CHECK(
        describe_dropped({.long_train_instances = 3,
                          .long_test_instances = 2,
                          .tasks = {"a"},
                          .without_category = 4}) ==
        "3 training examples over the length limit, 2 test examples over the length limit, 1 tasks "
        "with too few instances, 4 examples without a category or of a rare one");
}
