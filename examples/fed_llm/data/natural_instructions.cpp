#include "fed_llm/data/natural_instructions.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "fed_llm/data/task_file.hpp"
#include "fed_llm/text/prompt.hpp"
#include "federated/round/sampling.hpp"

namespace fed_llm {
namespace {

std::size_t train_count(std::size_t left) {
    return left / 5;
}

std::size_t test_count(std::size_t left) {
    return std::max(fewest_instances, left / 50);
}

/// The instances of a task that are not over the length limit.
std::vector<Example> short_examples(const Task& task, const hugging_face::Tokenizer& tokenizer,
                                    std::int64_t max_length,
                                    const std::function<void()>& on_example) {
    std::vector<Example> examples;
    for (const Task::Instance& instance : task.instances) {
        if (on_example) on_example();
        Example example = make_example(tokenizer, alpaca_prompt(task.definition, instance.input),
                                       instance.output);
        if (static_cast<std::int64_t>(example.tokens.size()) <= max_length) {
            examples.push_back(std::move(example));
        }
    }
    return examples;
}

std::vector<Example> draw(std::vector<Example> examples, std::size_t count,
                          std::mt19937_64 generator) {
    std::vector<Example> drawn;
    for (const std::size_t index :
         federated::sample_without_replacement(generator, examples.size(), count)) {
        drawn.push_back(std::move(examples[index]));
    }
    return drawn;
}

}  // namespace

FederatedDataset load_natural_instructions(const std::filesystem::path& folder,
                                           const hugging_face::Tokenizer& tokenizer,
                                           std::int64_t max_length, std::uint64_t seed,
                                           const std::function<void()>& on_example) {
    if (max_length < 1) {
        throw std::invalid_argument("max_length: expected a positive number, got " +
                                    std::to_string(max_length));
    }
    FederatedDataset dataset;
    for (const std::string& name : read_split(folder, "train")) {
        const Task task = read_task(folder, name);
        std::vector<Example> left = short_examples(task, tokenizer, max_length, on_example);
        dataset.dropped.long_train_instances += task.instances.size() - left.size();
        if (left.size() < fewest_instances) {
            dataset.dropped.tasks.push_back(name);
            continue;
        }
        const std::size_t count = train_count(left.size());
        dataset.clients.push_back(
            {name,
             draw(std::move(left), count, federated::named_generator(seed, name)),
             {{task.category, count}}});
    }
    for (const std::string& name : read_split(folder, "test")) {
        const Task task = read_task(folder, name);
        std::vector<Example> left = short_examples(task, tokenizer, max_length, on_example);
        dataset.dropped.long_test_instances += task.instances.size() - left.size();
        if (left.empty()) dataset.dropped.tasks.push_back(name);
        const std::size_t count = test_count(left.size());
        for (Example& example :
             draw(std::move(left), count, federated::named_generator(seed, name))) {
            dataset.test.push_back(std::move(example));
        }
    }
    return dataset;
}

std::vector<std::string> read_training_texts(const std::filesystem::path& folder) {
    std::vector<std::string> texts;
    for (const std::string& name : read_split(folder, "train")) {
        const Task task = read_task(folder, name);
        for (const Task::Instance& instance : task.instances) {
            texts.push_back(alpaca_prompt(task.definition, instance.input));
            texts.push_back(instance.output);
        }
    }
    return texts;
}

}  // namespace fed_llm
