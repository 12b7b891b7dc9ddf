#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../error.hpp"
#include "../floating_point.hpp"
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
inline BudgetRule parse_budget_rule(std::string_view name, std::uint64_t total) {
    if (name == "uniform") return Uniform{total};
    if (name == "proportional") return Proportional{total};
    if (name == "norm-share") return NormShare{total};
    if (name == "minimum-error") return MinimumError{total};
    std::string message = "budget rule: expected one of";
    for (const std::string_view known : budget_rule_names) message.append(" ").append(known);
    throw UnknownName(message + ", got '" + std::string(name) + "'");
}

/// K of a rule.
inline std::uint64_t total_of(const BudgetRule& rule) {
    return std::visit([](const auto& chosen) { return chosen.total; }, rule);
}

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
inline void check_total(const Layout& layout, std::uint64_t total) {
    std::uint64_t fewest = 0;
    std::uint64_t most = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        fewest += fewest_bases(layout.block_size(block));
        most += most_bases(layout.block_size(block));
    }
    if (total < fewest || total > most)
        throw InvalidBudget("budget: expected K from " + std::to_string(fewest) +
                            " (two bases a block) to " + std::to_string(most) +
                            " (one base an element) for " + std::to_string(layout.block_count()) +
                            " blocks, got " + std::to_string(total));
}

/// Throws: LayoutMismatch if there is not one number of bases a block, InvalidBudget for one that the
///         block cannot take
inline void check_bases(const Layout& layout, std::span<const std::uint32_t> bases_per_block) {
    if (bases_per_block.size() != layout.block_count())
        throw LayoutMismatch("bases per block: expected " + std::to_string(layout.block_count()) +
                             " numbers, got " + std::to_string(bases_per_block.size()));
    for (std::size_t block = 0; block < bases_per_block.size(); ++block) {
        const std::uint64_t fewest = fewest_bases(layout.block_size(block));
        const std::uint64_t most = most_bases(layout.block_size(block));
        if (bases_per_block[block] < fewest || bases_per_block[block] > most)
            throw InvalidBudget("bases per block: expected " + std::to_string(fewest) + " to " +
                                std::to_string(most) + " in block " + std::to_string(block) +
                                ", got " + std::to_string(bases_per_block[block]));
    }
}

namespace detail {

/// Shares of `total` in proportion to the weights, each clamped to [fewest, most].
/// Math:   K_l = clamp(lambda w_l, fewest_l, most_l) with lambda such that the sum is K: blocks
///         that the clamp moves are settled one side at a time, whichever side it moved further.
inline std::vector<double> clamped_shares(const Layout& layout, std::vector<double> weights,
                                          std::uint64_t total) {
    const std::size_t count = layout.block_count();
    std::vector<double> shares(count, 0.0);
    std::vector<bool> settled(count, false);
    double left = static_cast<double>(total);
    for (bool again = true; again;) {
        double weight_left = 0.0;
        for (std::size_t l = 0; l < count; ++l)
            if (!settled[l]) weight_left += weights[l];
        // Only blocks without weight are left: they share evenly.
        if (!(weight_left > 0.0)) {
            std::fill(weights.begin(), weights.end(), 1.0);
            weight_left = static_cast<double>(std::count(settled.begin(), settled.end(), false));
        }
        double moved = 0.0;
        for (std::size_t l = 0; l < count; ++l) {
            if (settled[l]) continue;
            const auto fewest = static_cast<double>(fewest_bases(layout.block_size(l)));
            const auto most = static_cast<double>(most_bases(layout.block_size(l)));
            // Multiplied first and divided last, so that no compiler fuses it into a sum.
            const double share = weights[l] * left / weight_left;
            shares[l] = std::clamp(share, fewest, most);
            moved += shares[l] - share;
        }
        again = false;
        double taken = 0.0;
        for (std::size_t l = 0; l < count; ++l) {
            if (settled[l]) continue;
            const double share = weights[l] * left / weight_left;
            const bool settles = moved > 0.0   ? shares[l] > share
                                 : moved < 0.0 ? shares[l] < share
                                               : shares[l] != share;
            if (settles) {
                settled[l] = true;
                taken += shares[l];
                again = true;
            }
        }
        left -= taken;
        if (std::count(settled.begin(), settled.end(), false) == 0) again = false;
    }
    return shares;
}

}  // namespace detail

/// Spreads K over the blocks.
/// Math:   K_l in proportion to the rule's weight w_l within the rule's limits; whole numbers by
///         largest remainder, ties to the earlier block. All-zero updates count as uniform.
/// Shapes: squared_norms: ||Delta_l||^2, one a block; may be empty where the rule does not look
/// Cost:   O(L^2) at worst
/// Throws: InvalidBudget if K is under two bases a block or over d; LayoutMismatch if the norms do
///         not match the blocks; NonFinite for a norm that is not a finite number
/// Repro:  the same everywhere: IEEE division and square root, no libm
inline std::vector<std::uint32_t> allocate(const BudgetRule& rule, const Layout& layout,
                                           std::span<const double> squared_norms = {}) {
    const std::uint64_t total = total_of(rule);
    check_total(layout, total);
    const std::size_t count = layout.block_count();
    if (depends_on_update(rule) && squared_norms.size() != count)
        throw LayoutMismatch("budget: expected " + std::to_string(count) + " squared norms, got " +
                             std::to_string(squared_norms.size()));

    const IeeeArithmetic ieee;
    std::vector<double> weights(count, 1.0);
    for (std::size_t l = 0; l < count; ++l) {
        const auto size = static_cast<double>(layout.block_size(l));
        if (std::holds_alternative<Proportional>(rule)) weights[l] = size;
        if (!depends_on_update(rule)) continue;
        if (!is_finite(squared_norms[l]) || squared_norms[l] < 0.0)
            throw NonFinite("budget: expected finite squared norms, got " +
                            std::to_string(squared_norms[l]) + " for block " + std::to_string(l));
        const double norm = std::sqrt(squared_norms[l]);
        weights[l] = std::holds_alternative<NormShare>(rule) ? norm : std::sqrt(size) * norm;
    }

    const std::vector<double> shares = detail::clamped_shares(layout, weights, total);
    std::vector<std::uint32_t> bases(count);
    std::vector<double> remainders(count);
    std::uint64_t spent = 0;
    for (std::size_t l = 0; l < count; ++l) {
        const auto fewest = static_cast<double>(fewest_bases(layout.block_size(l)));
        const double whole = (std::max)(std::floor(shares[l]), fewest);
        bases[l] = static_cast<std::uint32_t>(whole);
        remainders[l] = shares[l] - whole;
        spent += bases[l];
    }

    // The whole parts leave less than one base a block; rounding in the shares may leave more or
    // less by a few, which the same order settles.
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    while (spent < total)
        for (const std::size_t l : order)
            if (spent < total && bases[l] < most_bases(layout.block_size(l))) ++bases[l], ++spent;
    while (spent > total)
        for (const std::size_t l : order)
            if (spent > total && bases[l] > fewest_bases(layout.block_size(l))) --bases[l], --spent;
    return bases;
}

}  // namespace ferret
