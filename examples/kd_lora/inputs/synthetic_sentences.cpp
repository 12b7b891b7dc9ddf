#include "kd_lora/inputs/synthetic_sentences.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <random>
#include <sstream>
#include <utility>

#include "federated/round/sampling.hpp"

namespace kd_lora {
namespace {

using Generator = std::mt19937_64;

constexpr std::array<std::string_view, 16> nouns{
    "film",   "movie",  "story", "plot", "acting", "cast", "music", "script",
    "ending", "camera", "humor", "pace", "lead",   "idea", "look",  "dialogue"};
constexpr std::array<std::string_view, 16> praise{
    "good",   "great",  "funny",  "charming", "moving", "warm",  "clever", "fresh",
    "bright", "tender", "lovely", "witty",    "strong", "smart", "vivid",  "honest"};
constexpr std::array<std::string_view, 16> blame{
    "bad",   "poor",  "dull",  "boring", "weak", "flat",    "silly",   "cold",
    "tired", "stale", "bland", "messy",  "lame", "shallow", "tedious", "hollow"};
constexpr std::array<std::string_view, 4> liked{"liked", "loved", "enjoyed", "admired"};
constexpr std::array<std::string_view, 4> disliked{"hated", "disliked", "regretted", "mocked"};
constexpr std::array<std::string_view, 6> adverbs{"very",   "quite",        "rather",
                                                  "deeply", "surprisingly", "remarkably"};
constexpr std::array<std::string_view, 3> negations{"not", "never", "hardly"};

/// Draws the parts of one sentence.
class Speaker {
public:
    /// Knows the first words of praise and blame, of as many parts one.
    Speaker(Generator& generator, std::size_t parts) : generator_(generator), parts_(parts) {}

    LabelledExample speak() {
        const bool favourable = one_of(2) == 0;
        return {sentence(favourable) + " .", favourable ? 1 : 0};
    }

private:
    std::size_t one_of(std::size_t count) { return federated::random_index(generator_, count); }

    template <std::size_t Count>
    std::string word(const std::array<std::string_view, Count>& words) {
        return std::string(words[one_of(Count)]);
    }

    template <std::size_t Count>
    std::string opinion(const std::array<std::string_view, Count>& words) {
        return std::string(words[one_of(Count / parts_)]);
    }

    std::string adjective(bool favourable) {
        std::string adverb = one_of(4) == 0 ? word(adverbs) + " " : "";
        return adverb + (favourable ? opinion(praise) : opinion(blame));
    }

    std::string verb(bool favourable) { return favourable ? opinion(liked) : opinion(disliked); }

    std::string clause(bool favourable) {
        // One after the other: the order in which the operands of + are drawn is open.
        const bool negated = one_of(4) == 0;
        const std::string noun = word(nouns);
        const std::string negation = negated ? word(negations) + " " : "";
        switch (one_of(5)) {
            case 0:
                return (negated ? "nobody " : "i ") + verb(favourable != negated) + " the " + noun;
            case 1:
                return (negated ? "it has no " : "it has a ") + adjective(favourable != negated) +
                       " " + noun;
            default:
                return "the " + noun + " is " + negation + adjective(favourable != negated);
        }
    }

    std::string sentence(bool favourable) {
        const std::size_t kind = one_of(12);
        const bool contrast = kind < 2;
        const std::string first = kind < 6 ? clause(favourable != contrast) : "";
        const std::string last = clause(favourable);
        if (kind == 0) return first + " , but " + last;
        if (kind == 1) return "although " + first + " , " + last;
        return first.empty() ? last : first + " and " + last;
    }

    Generator& generator_;
    std::size_t parts_;
};

/// The piece of a word before its "ly", where it is long enough to be a word; none: empty.
std::string before_ly(const std::string& word) {
    constexpr std::size_t shortest = 4;
    return word.size() >= shortest + 2 && word.ends_with("ly") ? word.substr(0, word.size() - 2)
                                                               : std::string();
}

}  // namespace

std::vector<LabelledExample> synthetic_sentences(std::uint64_t seed, std::string_view name,
                                                 std::size_t count) {
    Generator generator = federated::named_generator(seed, name);
    Speaker speaker(generator, 1);
    std::vector<LabelledExample> examples;
    for (std::size_t i = 0; i < count; ++i) examples.push_back(speaker.speak());
    return examples;
}

std::vector<LabelledExample> synthetic_emoticons(std::uint64_t seed, std::string_view name,
                                                 std::size_t count) {
    Generator generator = federated::named_generator(seed, name);
    Speaker speaker(generator, 2);
    std::vector<LabelledExample> examples;
    for (std::size_t i = 0; i < count; ++i) {
        examples.push_back(speaker.speak());
        if (federated::random_index(generator, 10) == 0) {
            examples.back().label = 1 - examples.back().label;
        }
    }
    return examples;
}

std::string to_tsv(const std::vector<LabelledExample>& examples) {
    std::string text = "sentence\tlabel\n";
    for (const LabelledExample& example : examples) {
        text += example.sentence + "\t" + std::to_string(example.label) + "\n";
    }
    return text;
}

std::vector<std::string> word_pieces(const std::vector<LabelledExample>& examples) {
    std::map<std::string, std::size_t> counts;
    for (const LabelledExample& example : examples) {
        std::istringstream words(example.sentence);
        for (std::string word; words >> word;) {
            const std::string stem = before_ly(word);
            ++counts[stem.empty() ? word : stem];
            if (!stem.empty()) ++counts["##ly"];
        }
    }
    std::vector<std::string> pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (const std::string_view before : {"", "##"}) {
        for (char letter = 'a'; letter <= 'z'; ++letter) {
            pieces.push_back(std::string(before) + letter);
            counts.erase(pieces.back());
        }
    }
    std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    for (auto& [piece, count] : sorted) pieces.push_back(std::move(piece));
    return pieces;
}

}  // namespace kd_lora
