#include "fed_llm/data/natural_instructions.hpp"

#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/task_folder.hpp"
#include "fed_llm/support/tokenizers.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

namespace {

constexpr std::int64_t no_limit = 100'000;

/// Two training tasks (120 instances and 23), two test tasks (15 and 2000).
void write_example_tasks(const TemporaryFolder& folder) {
    write_tasks(folder, "train", {{"train_large", task_json(120)}, {"train_small", task_json(23)}});
    write_tasks(folder, "test", {{"test_small", task_json(15)}, {"test_large", task_json(2000)}});
}

}  // namespace

TEST_CASE("an example is BOS, prompt, response, EOS") {
    const Example example = make_example(small_tokenizer(), "Do it.", "output 1");
    std::vector<std::int64_t> expected = small_tokenizer().encode("Do it.");
    expected.insert(expected.begin(), small_tokenizer().bos().value());
    CHECK(example.prompt_length == expected.size());
    const auto response = small_tokenizer().encode("output 1");
    expected.insert(expected.end(), response.begin(), response.end());
    expected.push_back(small_tokenizer().eos());
    CHECK(example.tokens == expected);
    CHECK(example.reference == "output 1");
}

TEST_CASE("a fifth of a training task, max(20, 2%) of a test task") {
    const TemporaryFolder folder;
    write_example_tasks(folder);
    const auto dataset = load_natural_instructions(folder.path(), small_tokenizer(), no_limit, 1);
    REQUIRE(dataset.clients.size() == 2);
    CHECK(dataset.clients[0].name == "train_large");
    CHECK(dataset.clients[0].examples.size() == 24);
    CHECK(dataset.clients[1].name == "train_small");
    CHECK(dataset.clients[1].examples.size() == 4);
    CHECK(dataset.test.size() == 15 + 40);
    CHECK(dataset.dropped.long_train_instances == 0);
    CHECK(dataset.dropped.tasks.empty());

    const auto drawn = references(dataset.clients[0].examples);
    CHECK(std::set<std::string>(drawn.begin(), drawn.end()).size() == drawn.size());
    const Example& example = dataset.clients[0].examples[0];
    const std::string number = example.reference.substr(std::string("output ").size());
    const Example expected = make_example(
        small_tokenizer(), alpaca_prompt("Do it.", "input " + number), "output " + number);
    CHECK(example.tokens == expected.tokens);
    CHECK(example.prompt_length == expected.prompt_length);
}

TEST_CASE("a task's sample depends on the seed and on no other task") {
    const TemporaryFolder folder;
    write_example_tasks(folder);
    const auto client = [&](std::size_t index, std::uint64_t seed) {
        return references(
            load_natural_instructions(folder.path(), small_tokenizer(), no_limit, seed)
                .clients[index]
                .examples);
    };
    const auto drawn = client(0, 1);
    CHECK(client(0, 1) == drawn);
    CHECK(client(0, 2) != drawn);
    write_tasks(folder, "train", {{"before", task_json(50)}, {"train_large", task_json(120)}});
    CHECK(client(1, 1) == drawn);
}

TEST_CASE("long instances go first, then tasks left with fewer than 20") {
    const TemporaryFolder folder;
    nlohmann::ordered_json some_long = task_json(40);
    nlohmann::ordered_json mostly_long = task_json(40);
    for (std::size_t i = 0; i < 10; ++i) some_long["Instances"][i]["input"] = std::string(900, 'x');
    for (std::size_t i = 0; i < 21; ++i) {
        mostly_long["Instances"][i]["output"] = {std::string(900, 'x')};
    }
    write_tasks(folder, "train", {{"some_long", some_long}, {"mostly_long", mostly_long}});
    write_tasks(folder, "test", {{"test_mostly_long", mostly_long}});
    const auto dataset = load_natural_instructions(folder.path(), small_tokenizer(), 600, 1);
    REQUIRE(dataset.clients.size() == 1);
    CHECK(dataset.clients[0].name == "some_long");
    CHECK(dataset.clients[0].examples.size() == 6);  // a fifth of the 30 left
    CHECK(dataset.test.size() == 19);
    CHECK(dataset.dropped.long_train_instances == 31);
    CHECK(dataset.dropped.long_test_instances == 21);
    CHECK(dataset.dropped.tasks == std::vector<std::string>{"mostly_long"});
}

TEST_CASE("the length limit counts every token, BOS and EOS included") {
    const TemporaryFolder folder;
    write_tasks(folder, "train", {{"train", task_json(20)}});
    write_tasks(folder, "test", {{"test", task_json(1)}});
    const auto tokens = static_cast<std::int64_t>(
        make_example(small_tokenizer(), alpaca_prompt("Do it.", "input 0"), "output 0")
            .tokens.size());
    CHECK(load_natural_instructions(folder.path(), small_tokenizer(), tokens, 1).test.size() == 1);
    const auto without = load_natural_instructions(folder.path(), small_tokenizer(), tokens - 1, 1);
    CHECK(without.test.empty());
    CHECK(without.dropped.tasks == std::vector<std::string>{"train", "test"});
    CHECK_THROWS_AS(load_natural_instructions(folder.path(), small_tokenizer(), 0, 1),
                    std::invalid_argument);
}

TEST_CASE("training texts are the prompts and responses of the training tasks") {
    const TemporaryFolder folder;
    write_example_tasks(folder);
    const auto texts = read_training_texts(folder.path());
    REQUIRE(texts.size() == 2 * (120 + 23));
    CHECK(texts[0] == alpaca_prompt("Do it.", "input 0"));
    CHECK(texts[1] == "output 0");
}

TEST_SUITE("shared") {
    TEST_CASE("the subset of Natural Instructions v2.8") {
        const std::filesystem::path shared = FERRET_SHARED_DIR;
        const auto dataset = load_natural_instructions(shared / "data/natural-instructions-2.8",
                                                       stories_tokenizer(), no_limit, 0);
        CHECK(dataset.clients.size() == 41);
        CHECK(categories_add_up(dataset.clients));
        CHECK(dataset.test.size() == 4 * 20);
        CHECK(dataset.dropped.tasks.empty());
    }
}
