#include "fed_llm/text/rouge.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace fed_llm {
namespace {

using Sentence = std::vector<std::string_view>;

/// What Python's str.split() takes for white space, beyond ASCII, in UTF-8.
constexpr std::array<std::string_view, 19> wide_spaces{
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

/// Bytes of the white space that the text begins with; 0 where it begins with none.
std::size_t space_length(std::string_view text) {
    const char first = text.front();
    if ((first >= '\t' && first <= '\r') || (first >= '\x1C' && first <= ' ')) return 1;
    for (const std::string_view space : wide_spaces) {
        if (text.starts_with(space)) return space.size();
    }
    return 0;
}

/// A sentence of white space alone is one empty word, as in the package.
Sentence split_words(std::string_view text) {
    Sentence words;
    std::size_t begin = 0;
    std::size_t at = 0;
    const auto finish_word = [&] {
        if (at > begin) words.push_back(text.substr(begin, at - begin));
    };
    while (at < text.size()) {
        const std::size_t space = space_length(text.substr(at));
        if (space == 0) {
            ++at;
            continue;
        }
        finish_word();
        at += space;
        begin = at;
    }
    finish_word();
    if (words.empty()) words.emplace_back();
    return words;
}

std::vector<Sentence> split_sentences(std::string_view text) {
    std::vector<Sentence> sentences;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('.'), text.size());
        if (end > 0) sentences.push_back(split_words(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sentences;
}

std::set<std::string_view> distinct_words(const std::vector<Sentence>& sentences) {
    std::set<std::string_view> words;
    for (const Sentence& sentence : sentences) words.insert(sentence.begin(), sentence.end());
    return words;
}

/// Adds the words of one longest common subsequence: of several, the one the package walks to.
void add_common_words(const Sentence& reference, const Sentence& hypothesis,
                      std::set<std::string_view>& common) {
    const std::size_t width = hypothesis.size() + 1;
    std::vector<std::uint32_t> lengths((reference.size() + 1) * width, 0);
    for (std::size_t i = 1; i <= reference.size(); ++i) {
        for (std::size_t j = 1; j <= hypothesis.size(); ++j) {
            lengths[i * width + j] =
                reference[i - 1] == hypothesis[j - 1]
                    ? lengths[(i - 1) * width + j - 1] + 1
                    : std::max(lengths[(i - 1) * width + j], lengths[i * width + j - 1]);
        }
    }
    std::size_t i = reference.size();
    std::size_t j = hypothesis.size();
    while (i > 0 && j > 0) {
        if (reference[i - 1] == hypothesis[j - 1]) {
            common.insert(reference[i - 1]);
            --i;
            --j;
        } else if (lengths[(i - 1) * width + j] > lengths[i * width + j - 1]) {
            --i;
        } else {
            --j;
        }
    }
}

}  // namespace

double rouge_l_f1(std::string_view hypothesis, std::string_view reference) {
    const std::vector<Sentence> hypotheses = split_sentences(hypothesis);
    const std::vector<Sentence> references = split_sentences(reference);
    if (hypotheses.empty() || references.empty()) return 0.0;
    std::set<std::string_view> common;
    for (const Sentence& expected : references) {
        for (const Sentence& given : hypotheses) add_common_words(expected, given, common);
    }
    const auto shared = static_cast<double>(common.size());
    const double precision = shared / static_cast<double>(distinct_words(hypotheses).size());
    const double recall = shared / static_cast<double>(distinct_words(references).size());
    return 2.0 * (precision * recall / (precision + recall + 1e-8));
}

}  // namespace fed_llm
