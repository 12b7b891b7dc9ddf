#pragma once

#include <string_view>

namespace fed_llm {

/// Rouge-L F1 of two UTF-8 texts, as get_scores() of the Python package `rouge` 1.0.1 computes it:
/// the texts are split into sentences at '.', and the set of distinct words in any longest common
/// subsequence of a reference and a hypothesis sentence is counted against the sets of distinct
/// words of both texts.
///
/// Math: F = 2 P R / (P + R + 1e-8), with P = common / hypothesis words, R = common / reference
/// words. Where a text holds nothing but '.', the package raises; this returns 0. Cost: words of
/// the hypothesis times words of the reference, in time and, by sentence, in memory. Source: PyPI
/// rouge 1.0.1 (a summary-level Rouge-L after Lin, 2004).
double rouge_l_f1(std::string_view hypothesis, std::string_view reference);

}  // namespace fed_llm
