#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace fed_round {

/// One algorithm's round in the paper.
struct PaperRound {
    std::string_view shape;
    std::string_view algorithm;
    std::string_view tables;
    std::optional<double> local_seconds;  ///< projection included
    std::optional<double> aggregation_seconds;
    double total_seconds;
    std::optional<double> parameters_moved;  ///< up and down
    std::optional<double> peak_memory;       ///< in the paper's "GB"
};

/// Table 4 (LLaMA-3B), 5 (LLaMA2-7B), 6 (LLaMA-3B, memory) and 10 (LLaMA2-13B), as far as they are
/// known here. The paper names no GPU.
/// Source: Shu et al., ICML 2025, arXiv 2409.06277 v3
inline constexpr std::array<PaperRound, 10> paper_rounds{{
    {"llama-3b", "fedzo", "4", 32.6, 0.3, 32.9, 6.0e9, {}},
    {"llama-3b", "fedkseed", "4, 6", 56.9, 123.8, 180.7, 8.2e3, 7.8},
    {"llama-3b", "fedavg", "4, 6", 1.8, 0.3, 2.1, 6.0e9, 19.1},
    {"llama-3b", "ferret", "4, 6", 5.6, 24.7, 30.3, 7.8e3, 19.1},
    {"llama2-7b", "fedkseed", "5", {}, {}, 627.0, {}, {}},
    {"llama2-7b", "fedavg", "5", {}, {}, 6.5, {}, {}},
    {"llama2-7b", "ferret", "5", 8.9, 88.3, 97.2, 6.4e3, {}},
    {"llama2-13b", "fedkseed", "10", {}, {}, 854.6, {}, {}},
    {"llama2-13b", "fedavg", "10", {}, {}, 50.6, {}, {}},
    {"llama2-13b", "ferret", "10", 19.2, 169.4, 188.6, {}, {}},
}};

/// Nothing where the paper has no such round.
inline std::optional<PaperRound> paper_round(std::string_view shape, std::string_view algorithm) {
    for (const PaperRound& round : paper_rounds)
        if (round.shape == shape && round.algorithm == algorithm) return round;
    return std::nullopt;
}

}  // namespace fed_round
