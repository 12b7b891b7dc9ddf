#pragma once

#include <ferret/protocol/plan.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "federated/options/choice.hpp"

namespace federated {

enum class OptimizerKind { sgd, adam, adamw };

/// How a model is cut into blocks.
enum class LayoutKind {
    grouped,     ///< tensors in groups of like size
    per_tensor,  ///< a block a tensor
    uniform      ///< blocks of one size
};

// What AlgorithmOptions has as names. Bases and budget rules have theirs in the library.

inline constexpr Choice<OptimizerKind> optimizers[] = {
    {"sgd", OptimizerKind::sgd}, {"adam", OptimizerKind::adam}, {"adamw", OptimizerKind::adamw}};

inline constexpr Choice<LayoutKind> layouts[] = {{"grouped", LayoutKind::grouped},
                                                 {"per-tensor", LayoutKind::per_tensor},
                                                 {"uniform", LayoutKind::uniform}};

/// Whose bases clients project on.
enum class BasesChoice {
    shared,
    per_client,
    automatic  ///< round by round, whichever the clients' unlikeness makes less noisy
};

/// What travels down where the clients' sketches do not add.
enum class BroadcastKind {
    mean,     ///< their rebuilt mean, sketched again
    sketches  ///< all of them, as they came
};

inline constexpr Choice<BasesChoice> bases_choices[] = {{"auto", BasesChoice::automatic},
                                                        {"shared", BasesChoice::shared},
                                                        {"per-client", BasesChoice::per_client}};

inline constexpr Choice<BroadcastKind> broadcast_kinds[] = {{"mean", BroadcastKind::mean},
                                                            {"sketches", BroadcastKind::sketches}};

inline constexpr Choice<ferret::SeedRefresh> seed_refreshes[] = {
    {"round", ferret::SeedRefresh::each_round}, {"fixed", ferret::SeedRefresh::fixed}};

/// The value of an option that leaves a choice to the program.
inline constexpr std::string_view automatic = "auto";

/// "auto" and the names of the library's coordinate formats.
inline std::vector<std::string> coordinate_choices() {
    std::vector<std::string> names{std::string(automatic)};
    for (const auto& entry : ferret::coordinate_format_names) names.emplace_back(entry.first);
    return names;
}

/// "auto" and the names of the layouts.
inline std::vector<std::string> layout_choices() {
    std::vector<std::string> names{std::string(automatic)};
    for (const std::string& name : names_of(layouts)) names.push_back(name);
    return names;
}

/// "auto" and the names of the library's basis families; those of its budget rules, in its order.
inline std::vector<std::string> basis_choices() {
    std::vector<std::string> names{std::string(automatic)};
    for (const auto& entry : ferret::basis_names) names.emplace_back(entry.first);
    return names;
}
inline std::vector<std::string> budget_rule_choices() {
    return {ferret::budget_rule_names.begin(), ferret::budget_rule_names.end()};
}

}  // namespace federated
