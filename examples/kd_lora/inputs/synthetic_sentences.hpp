#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// Short opinions on films, half of them favourable (1), the others not (0): the program's data where
/// nothing is downloaded. A quarter of the clauses is negated ("the plot is hardly dull"), and some are
/// taken back ("although the cast is good , ..."), so that words alone do not tell.
/// Repro: a function of the arguments. Samples of other names are independent of each other.
std::vector<LabelledExample> synthetic_sentences(std::uint64_t seed, std::string_view name,
                                                 std::size_t count);

/// What one learns opinions from before labels: such sentences with half of the words of praise and blame,
/// and the face that stands behind them, smiling (1) or not (0), which fits in nine of ten.
/// Repro: as above
/// Source: Felbo et al., EMNLP 2017, arXiv 1708.00524: learning from emoticons
std::vector<LabelledExample> synthetic_emoticons(std::uint64_t seed, std::string_view name,
                                                 std::size_t count);

/// The sentences under the header that load_data_set reads as "tsv".
std::string to_tsv(const std::vector<LabelledExample>& examples);

/// A WordPiece vocabulary for these sentences: BERT's special tokens first, then letters and punctuation,
/// letters inside a word, and their words, the most frequent first. Adverbs come apart, into a word and
/// "##ly". What is made of letters alone needs no [UNK].
std::vector<std::string> word_pieces(const std::vector<LabelledExample>& examples);

}  // namespace kd_lora
