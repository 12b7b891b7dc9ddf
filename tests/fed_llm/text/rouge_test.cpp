#include "fed_llm/text/rouge.hpp"

#include <array>
#include <cmath>
#include <string_view>

#include "support/doctest.hpp"

using fed_llm::rouge_l_f1;

TEST_CASE("Rouge-L F1 is what the Python package rouge 1.0.1 gives") {
    struct Answer {
        std::string_view hypothesis;
        std::string_view reference;
        double f1;  // get_scores(hypothesis, reference)[0]["rouge-l"]["f"]
    };
    constexpr std::array<Answer, 13> answers{{
        {"the cat sat on the mat", "the cat sat on the mat", 0.999999995},
        {"the cat sat on the mat", "the dog sat on a mat", 0.7272727223140496},
        {"a b c d", "d c b a", 0.24999999500000009},
        {"w1 w2 w6 w7 w8. w1 w3 w8 w9 w5", "w1 w2 w3 w4 w5", 0.6153846106508877},
        {"the the the the", "the cat", 0.6666666622222223},
        {"One. Two. Three.", "Two. Three. Four.", 0.6666666616666668},
        // White space after the last full stop is a sentence of one empty word.
        {"end. ", "end. ", 0.999999995},
        {"end. ", "stop. ", 0.4999999950000001},
        {"a\xC2\xA0"
         "b\xE3\x80\x80"
         "c",
         "a b c", 0.999999995},
        {"3.14", "3.15", 0.4999999950000001},
        {"x y", "p q", 0.0},
        {"b a c b d a b", "a b c b d a b c. c a d", 0.999999995},
        // Of several longest common subsequences, the package's choice decides.
        {"c a c a", "a e c b d c", 0.2857142816326531},
    }};
    for (const Answer& answer : answers) {
        CAPTURE(answer.hypothesis);
        CAPTURE(answer.reference);
        // A compiler that fuses a multiplication and an addition may differ in the last bit.
        CHECK(std::abs(fed_llm::rouge_l_f1(answer.hypothesis, answer.reference) - answer.f1) <=
              2e-16);
    }
}

TEST_CASE("where the package raises, the score is 0") {
    CHECK(fed_llm::rouge_l_f1("", "a") == 0.0);
    CHECK(fed_llm::rouge_l_f1("a", "") == 0.0);
    CHECK(fed_llm::rouge_l_f1("...", "a") == 0.0);
    CHECK(fed_llm::rouge_l_f1("", "") == 0.0);
}

TEST_CASE("bytes that are no UTF-8 are part of words") {
    CHECK(fed_llm::rouge_l_f1("\xFF\xC2 \xE2\x80", "\xFF\xC2 \xE2\x80") > 0.9);
    CHECK(fed_llm::rouge_l_f1("\xFF", "\xFE") == 0.0);
}
