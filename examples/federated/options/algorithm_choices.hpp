#pragma once

#include <ferret/protocol/plan.hpp>
#include <string>
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

inline constexpr Choice<ferret::CoordinateFormat> coordinate_formats[] = {
    {"float32", ferret::CoordinateFormat::float32}, {"int16", ferret::CoordinateFormat::int16}};

inline constexpr Choice<ferret::SeedSharing> seed_sharings[] = {
    {"shared", ferret::SeedSharing::shared}, {"per-client", ferret::SeedSharing::per_client}};

inline constexpr Choice<ferret::SeedRefresh> seed_refreshes[] = {
    {"round", ferret::SeedRefresh::each_round}, {"fixed", ferret::SeedRefresh::fixed}};

/// The names of the library's basis families, and of its budget rules, in its order.
inline std::vector<std::string> basis_choices() {
    std::vector<std::string> names;
    for (const auto& entry : ferret::basis_names) names.emplace_back(entry.first);
    return names;
}
inline std::vector<std::string> budget_rule_choices() {
    return {ferret::budget_rule_names.begin(), ferret::budget_rule_names.end()};
}

}  // namespace federated
