#include "fed_llm/data/synthetic.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fed_llm/data/natural_instructions.hpp"
#include "fed_llm/data/task_file.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;
using namespace fed_llm;

TEST_CASE("synthetic tasks load as Natural Instructions, and are short") {
    const TemporaryFolder folder;
    write_synthetic_tasks(folder.path(), 1);
    const Tokenizer tokenizer = train_tokenizer(read_training_texts(folder.path()), 512);
    const auto dataset = load_natural_instructions(folder.path(), tokenizer, 128, 1);
    CHECK(dataset.clients.size() == 12);
    for (const Client& client : dataset.clients) CHECK(client.examples.size() == 20);
    CHECK(dataset.test.size() == 4 * 20);
    CHECK(dataset.dropped.long_train_instances == 0);
    CHECK(dataset.dropped.long_test_instances == 0);
}

TEST_CASE("synthetic tasks are a function of the seed") {
    const TemporaryFolder one;
    const TemporaryFolder same;
    const TemporaryFolder other;
    write_synthetic_tasks(one.path(), 1, 30);
    write_synthetic_tasks(same.path(), 1, 30);
    write_synthetic_tasks(other.path(), 2, 30);
    for (const std::string split : {"train", "test"}) {
        for (const std::string& name : read_split(one.path(), split)) {
            const auto file = std::filesystem::path("tasks") / (name + ".json");
            const std::string bytes = read_bytes(one.path() / file);
            CHECK(bytes == read_bytes(same.path() / file));
            CHECK(bytes != read_bytes(other.path() / file));
            CHECK(read_task(one.path(), name).instances.size() == 30);
        }
    }
}

TEST_CASE("synthetic answers are right") {
    const TemporaryFolder folder;
    write_synthetic_tasks(folder.path(), 3);
    const auto each = [&](const char* name, auto check) {
        for (const auto& instance : read_task(folder.path(), name).instances) {
            CAPTURE(instance.input);
            CAPTURE(instance.output);
            CHECK(check(instance.input, instance.output));
        }
    };
    each("task9001_copy_list", [](const auto& in, const auto& out) { return in == out; });
    each("task9004_first_word",
         [](const auto& in, const auto& out) { return in.substr(0, in.find(' ')) == out; });
    each("task9005_last_word",
         [](const auto& in, const auto& out) { return in.substr(in.rfind(' ') + 1) == out; });
    each("task9006_count_words", [](const auto& in, const auto& out) {
        return std::to_string(std::count(in.begin(), in.end(), ' ') + 1) == out;
    });
    each("task9007_find_word", [](const auto& in, const auto& out) {
        const std::string word = in.substr(0, in.find(' '));
        const std::string list = in.substr(in.find(" in ") + 3) + " ";
        return (list.find(" " + word + " ") != std::string::npos) == (out == "yes");
    });
    each("task9011_larger_number", [](const auto& in, const auto& out) {
        return std::max(std::stoi(in), std::stoi(in.substr(in.find(' ')))) == std::stoi(out);
    });
    each("task9012_is_larger", [](const auto& in, const auto& out) {
        return (std::stoi(in) > std::stoi(in.substr(in.find(' ')))) == (out == "yes");
    });
    each("task9016_smaller_number", [](const auto& in, const auto& out) {
        return std::min(std::stoi(in), std::stoi(in.substr(in.find(' ')))) == std::stoi(out);
    });
}

TEST_CASE("a folder that cannot be written is refused") {
    const TemporaryFolder folder;
    const auto file = folder.write("file", "");
    CHECK(error_field([&] { write_synthetic_tasks(file, 1); }) == "folder");
}
