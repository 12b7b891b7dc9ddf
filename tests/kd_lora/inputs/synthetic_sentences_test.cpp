#include "kd_lora/inputs/synthetic_sentences.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "kd_lora/data/labelled_tsv.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

namespace {

std::vector<std::string> words_of(const std::string& sentence) {
    std::istringstream stream(sentence);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

/// Of the sentences with the word, the share that is favourable.
double favourable_share(const std::vector<LabelledExample>& examples, const std::string& word) {
    double with = 0.0;
    double favourable = 0.0;
    for (const LabelledExample& example : examples) {
        const std::vector<std::string> words = words_of(example.sentence);
        if (std::find(words.begin(), words.end(), word) == words.end()) continue;
        with += 1.0;
        favourable += static_cast<double>(example.label);
    }
    REQUIRE(with > 50.0);
    return favourable / with;
}

}  // namespace

TEST_CASE("sentences are a function of seed and name") {
    const auto examples = synthetic_sentences(1, "train", 50);
    CHECK(examples.size() == 50);
    CHECK((examples == synthetic_sentences(1, "train", 50)));
    CHECK_FALSE((examples == synthetic_sentences(2, "train", 50)));
    CHECK_FALSE((examples == synthetic_sentences(1, "validation", 50)));
}

TEST_CASE("a word leans to a label, and does not tell it") {
    const auto examples = synthetic_sentences(1, "train", 4000);
    CHECK(favourable_share(examples, ".") == doctest::Approx(0.5).epsilon(0.05));
    CHECK(favourable_share(examples, "good") > 0.55);
    CHECK(favourable_share(examples, "good") < 0.85);
    CHECK(favourable_share(examples, "dull") > 0.15);
    CHECK(favourable_share(examples, "dull") < 0.45);
    for (const char* neutral : {"plot", "hardly", "although", "nobody"}) {
        CHECK(favourable_share(examples, neutral) == doctest::Approx(0.5).epsilon(0.25));
    }
}

TEST_CASE("emoticons stand behind half of the words, and mostly fit") {
    std::set<std::string> all;
    std::set<std::string> some;
    for (const auto& example : synthetic_sentences(1, "train", 4000)) {
        for (const std::string& word : words_of(example.sentence)) all.insert(word);
    }
    const auto emoticons = synthetic_emoticons(1, "warm-up", 4000);
    for (const auto& example : emoticons) {
        for (const std::string& word : words_of(example.sentence)) some.insert(word);
    }
    // Half of 16 words of praise, 16 of blame, and of 4 and 4 verbs.
    CHECK(all.size() - some.size() == 20);
    CHECK(std::includes(all.begin(), all.end(), some.begin(), some.end()));
    CHECK(favourable_share(emoticons, "good") > 0.55);
    CHECK(favourable_share(emoticons, "dull") < 0.45);
}

TEST_CASE("the sentences are read back") {
    const TemporaryFolder folder;
    const auto examples = synthetic_sentences(1, "train", 20);
    const auto file = folder.write("train.tsv", to_tsv(examples));
    CHECK((read_labelled_tsv(file, 2).examples == examples));
}

TEST_CASE("a vocabulary of special tokens, letters, words and pieces") {
    const auto pieces = word_pieces({{"a film is a deeply sad film .", 0}, {"fly , film", 1}});
    const std::vector<std::string> special{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    REQUIRE(pieces.size() == 5 + 52 + 8);
    CHECK(std::equal(special.begin(), special.end(), pieces.begin()));
    CHECK(pieces[5] == "a");
    CHECK(pieces[31] == "##a");
    CHECK(pieces[57] == "film");
    CHECK(std::set<std::string>(pieces.begin() + 58, pieces.end()) ==
          std::set<std::string>{"##ly", ",", ".", "deep", "fly", "is", "sad"});
}
