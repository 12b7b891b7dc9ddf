#include "hugging_face/tokenizer/pre_tokenizer.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"

using hugging_face::PreTokenizer;
using hugging_face::Regex;
using Pieces = std::vector<std::string>;

TEST_CASE("GPT-2's words take the space before them") {
    hugging_face::PreTokenizer words;
    words.add({false, hugging_face::PreTokenizer::gpt2_words()});
    CHECK(words.split("It's  two words, we'll  see 12x!\n\n a") ==
          Pieces{"It", "'s", " ", " two", " words", ",", " we", "'ll", " ", " see", " 12", "x", "!",
                 "\n\n", " a"});
    CHECK(words.split("IT'S") == Pieces{"IT", "'", "S"});
    CHECK(words.split("").size() <= 1);
}

TEST_CASE("each step works on the pieces of the one before") {
    hugging_face::PreTokenizer steps;
    steps.add({false, hugging_face::Regex("\\p{N}")});
    steps.add({true, hugging_face::PreTokenizer::gpt2_words()});
    CHECK(steps.split("a12 b") == Pieces{" a", " 1", " 2", " b"});
    CHECK(hugging_face::PreTokenizer().split("as it is") == Pieces{"as it is"});
}
