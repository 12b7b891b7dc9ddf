#include "fed_llm/data/synthetic.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federated/round/sampling.hpp"
#include "files/file.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;
using Generator = std::mt19937_64;
using Words = std::vector<std::string>;

struct Pair {
    std::string input;
    std::string output;
};

struct SyntheticTask {
    std::string_view name;
    std::string_view category;
    std::string_view definition;
    Pair (*instance)(Generator&);
};

constexpr std::array<std::string_view, 32> vocabulary{
    "ant",  "bag",  "bear", "bird", "boat", "box",  "bread", "cake", "cat",   "cup", "dog",
    "door", "egg",  "fish", "fox",  "frog", "goat", "hat",   "hen",  "house", "key", "lamp",
    "milk", "moon", "pen",  "rain", "rose", "ship", "star",  "sun",  "tree",  "wolf"};

/// Between `fewest` and `most` different words.
Words random_words(Generator& generator, std::size_t fewest, std::size_t most) {
    const std::size_t count = fewest + federated::random_index(generator, most - fewest + 1);
    Words words;
    for (const std::size_t index :
         federated::sample_without_replacement(generator, vocabulary.size(), count)) {
        words.emplace_back(vocabulary[index]);
    }
    return words;
}

std::string join(const Words& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
    return text;
}

std::string spell(const std::string& word) {
    Words letters;
    for (const char letter : word) letters.emplace_back(1, letter);
    return join(letters);
}

/// Two different numbers below 100.
std::pair<std::size_t, std::size_t> random_numbers(Generator& generator) {
    const std::vector<std::size_t> drawn = federated::sample_without_replacement(generator, 100, 2);
    return {drawn[0], drawn[1]};
}

std::string join(const std::pair<std::size_t, std::size_t>& numbers) {
    return std::to_string(numbers.first) + " " + std::to_string(numbers.second);
}

Pair copy_list(Generator& generator) {
    const std::string list = join(random_words(generator, 2, 4));
    return {list, list};
}

Pair reverse_list(Generator& generator) {
    Words words = random_words(generator, 2, 4);
    const std::string list = join(words);
    std::reverse(words.begin(), words.end());
    return {list, join(words)};
}

Pair sort_list(Generator& generator) {
    Words words = random_words(generator, 2, 3);
    const std::string list = join(words);
    std::sort(words.begin(), words.end());
    return {list, join(words)};
}

Pair first_word(Generator& generator) {
    const Words words = random_words(generator, 3, 5);
    return {join(words), words.front()};
}

Pair second_word(Generator& generator) {
    const Words words = random_words(generator, 3, 5);
    return {join(words), words[1]};
}

Pair last_word(Generator& generator) {
    const Words words = random_words(generator, 3, 5);
    return {join(words), words.back()};
}

Pair first_two_words(Generator& generator) {
    const Words words = random_words(generator, 3, 5);
    return {join(words), words[0] + " " + words[1]};
}

Pair count_words(Generator& generator) {
    const Words words = random_words(generator, 1, 6);
    return {join(words), std::to_string(words.size())};
}

Pair find_word(Generator& generator) {
    const Words words = random_words(generator, 3, 4);
    const bool inside = federated::random_index(generator, 2) == 0;
    // random_words gives different words, so the first is not among the others.
    const std::string sought = inside ? words.back() : words.front();
    const Words list(words.begin() + 1, words.end());
    return {sought + " in " + join(list), inside ? "yes" : "no"};
}

Pair spell_word(Generator& generator) {
    const std::string word = random_words(generator, 1, 1).front();
    return {word, spell(word)};
}

Pair spell_last_word(Generator& generator) {
    const Words words = random_words(generator, 2, 3);
    return {join(words), spell(words.back())};
}

Pair first_letter(Generator& generator) {
    const std::string word = random_words(generator, 1, 1).front();
    return {word, word.substr(0, 1)};
}

Pair capital_letters(Generator& generator) {
    const std::string list = join(random_words(generator, 1, 2));
    std::string capitals;
    for (const char letter : list) {
        capitals += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    return {list, capitals};
}

Pair larger_number(Generator& generator) {
    const auto numbers = random_numbers(generator);
    return {join(numbers), std::to_string(std::max(numbers.first, numbers.second))};
}

Pair smaller_number(Generator& generator) {
    const auto numbers = random_numbers(generator);
    return {join(numbers), std::to_string(std::min(numbers.first, numbers.second))};
}

Pair is_larger(Generator& generator) {
    const auto numbers = random_numbers(generator);
    return {join(numbers), numbers.first > numbers.second ? "yes" : "no"};
}

constexpr std::array<SyntheticTask, 12> train_tasks{{
    {"task9001_copy_list", "List", "Copy the list.", copy_list},
    {"task9002_reverse_list", "List", "Write the list in reverse order.", reverse_list},
    {"task9003_sort_list", "List", "Sort the list by the alphabet.", sort_list},
    {"task9004_first_word", "List", "Give the first word of the list.", first_word},
    {"task9005_last_word", "List", "Give the last word of the list.", last_word},
    {"task9006_count_words", "Counting", "Count the words of the list.", count_words},
    {"task9007_find_word", "Question", "Is the word in the list?", find_word},
    {"task9008_spell_word", "Spelling", "Spell the word.", spell_word},
    {"task9009_first_letter", "Spelling", "Give the first letter of the word.", first_letter},
    {"task9010_capital_letters", "Spelling", "Write the list in capital letters.", capital_letters},
    {"task9011_larger_number", "Numbers", "Give the larger number.", larger_number},
    {"task9012_is_larger", "Question", "Is the first number larger?", is_larger},
}};

constexpr std::array<SyntheticTask, 4> test_tasks{{
    {"task9013_second_word", "List", "Give the second word of the list.", second_word},
    {"task9014_first_two_words", "List", "Give the first two words of the list.", first_two_words},
    {"task9015_spell_last_word", "Spelling", "Spell the last word of the list.", spell_last_word},
    {"task9016_smaller_number", "Numbers", "Give the smaller number.", smaller_number},
}};

Json task_json(const SyntheticTask& task, std::uint64_t seed, std::size_t instances) {
    const Json english = {"English"};
    Json json = {{"Contributors", {"ferret"}},
                 {"Source", {"synthetic"}},
                 {"URL", Json::array()},
                 {"Categories", {task.category}},
                 {"Reasoning", Json::array()},
                 {"Definition", {task.definition}},
                 {"Input_language", english},
                 {"Output_language", english},
                 {"Instruction_language", english},
                 {"Domains", Json::array()},
                 {"Positive Examples", Json::array()},
                 {"Negative Examples", Json::array()},
                 {"Instances", Json::array()}};
    Generator generator = federated::named_generator(seed, task.name);
    for (std::size_t i = 0; i < instances; ++i) {
        const Pair pair = task.instance(generator);
        json["Instances"].push_back({{"id", std::string(task.name) + "-" + std::to_string(i)},
                                     {"input", pair.input},
                                     {"output", {pair.output}}});
    }
    return json;
}

template <std::size_t Count>
void write_split(const std::filesystem::path& folder, const std::string& split,
                 const std::array<SyntheticTask, Count>& tasks, std::uint64_t seed,
                 std::size_t instances) {
    std::string names;
    for (const SyntheticTask& task : tasks) {
        const std::string name(task.name);
        files::write_file(folder / "tasks" / (name + ".json"),
                          task_json(task, seed, instances).dump(1) + "\n");
        names += name + "\n";
    }
    files::write_file(folder / "splits" / "default" / (split + "_tasks.txt"), names);
}

}  // namespace

void write_synthetic_tasks(const std::filesystem::path& folder, std::uint64_t seed,
                           std::size_t instances_per_task) {
    files::create_folder(folder / "tasks");
    files::create_folder(folder / "splits" / "default");
    write_split(folder, "train", train_tasks, seed, instances_per_task);
    write_split(folder, "test", test_tasks, seed, instances_per_task);
}

}  // namespace fed_llm
