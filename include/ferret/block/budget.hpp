#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "../compiled.hpp"
#include "../error.hpp"
#include "layout.hpp"

namespace ferret {

/// K / L bases a block.
struct Uniform {
    std::uint64_t total;  ///< K: bases of all blocks together
};

/// Bases in proportion to a block's size d_l.
struct Proportional {
    std::uint64_t total;
};

/// Bases in proportion to the norm of a block's update, ||Delta_l||.
/// Source: the paper's experiments (Fig. 4) and the public code
struct NormShare {
    std::uint64_t total;
};

/// Bases in proportion to sqrt(d_l) ||Delta_l||: minimises the error sum_l d_l / K_l ||Delta_l||^2.
struct MinimumError {
    std::uint64_t total;
};

/// How K is spread over the blocks. Every rule spends exactly K, gives each block at least 2 bases
/// and at most d_l (a block of one element: 1), and hands what a full block cannot take to the
/// others.
using BudgetRule = std::variant<Uniform, Proportional, NormShare, MinimumError>;

inline constexpr std::array<std::string_view, 4> budget_rule_names{"uniform", "proportional",
                                                                   "norm-share", "minimum-error"};

/// The rule of that name with K = total.
/// Throws: UnknownName listing the names there are
BudgetRule parse_budget_rule(std::string_view name, std::uint64_t total);

/// K of a rule.
std::uint64_t total_of(const BudgetRule& rule);

/// Whether the rule looks at the update, so that K per block differs between clients.
inline bool depends_on_update(const BudgetRule& rule) {
    return std::holds_alternative<NormShare>(rule) || std::holds_alternative<MinimumError>(rule);
}

/// The fewest and the most bases a block of that size may have.
inline std::uint64_t fewest_bases(std::uint64_t block_size) {
    return std::min<std::uint64_t>(2, block_size);
}
inline std::uint64_t most_bases(std::uint64_t block_size) {
    return std::min<std::uint64_t>(block_size, (std::numeric_limits<std::uint32_t>::max)());
}

/// Throws: InvalidBudget if K is under two bases a block or over d
void check_total(const Layout& layout, std::uint64_t total);

/// Throws: LayoutMismatch if there is not one number of bases a block, InvalidBudget for one that the
///         block cannot take
void check_bases(const Layout& layout, std::span<const std::uint32_t> bases_per_block);

namespace detail {

/// Shares of `total` in proportion to the weights, each clamped to [fewest, most].
/// Math:   K_l = clamp(lambda w_l, fewest_l, most_l) with lambda such that the sum is K: blocks
///         that the clamp moves are settled one side at a time, whichever side it moved further.
std::vector<double> clamped_shares(const Layout& layout, std::vector<double> weights,
                                   std::uint64_t total);

}  // namespace detail

/// Spreads K over the blocks.
/// Math:   K_l in proportion to the rule's weight w_l within the rule's limits; whole numbers by
///         largest remainder, ties to the earlier block. All-zero updates count as uniform.
/// Shapes: squared_norms: ||Delta_l||^2, one a block; may be empty where the rule does not look
/// Cost:   O(L^2) at worst
/// Throws: InvalidBudget if K is under two bases a block or over d; LayoutMismatch if the norms do
///         not match the blocks; NonFinite for a norm that is not a finite number
/// Repro:  the same everywhere: IEEE division and square root, no libm
std::vector<std::uint32_t> allocate(const BudgetRule& rule, const Layout& layout,
                                    std::span<const double> squared_norms = {});

/// The bases of each block before there is an update: those of every update where the rule does not look
/// at it; for rules that do, what one gets whose entries are all of like size.
/// Throws: InvalidBudget, as allocate
std::vector<std::uint32_t> expected_bases(const BudgetRule& rule, const Layout& layout);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "budget.inl"
#endif
