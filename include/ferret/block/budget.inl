#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "budget.hpp"
#include "layout.hpp"

namespace ferret {

FERRET_API BudgetRule parse_budget_rule(std::string_view name, std::uint64_t total) {
    if (name == "uniform") return Uniform{total};
    if (name == "proportional") return Proportional{total};
    if (name == "norm-share") return NormShare{total};
    if (name == "minimum-error") return MinimumError{total};
    std::string message = "budget rule: expected one of";
    for (const std::string_view known : budget_rule_names) message.append(" ").append(known);
    throw UnknownName(error_text({message, ", got '", name, "'"}));
}

FERRET_API std::uint64_t total_of(const BudgetRule& rule) {
    return std::visit([](const auto& chosen) { return chosen.total; }, rule);
}

FERRET_API void check_total(const Layout& layout, std::uint64_t total) {
    std::uint64_t fewest = 0;
    std::uint64_t most = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        fewest += fewest_bases(layout.block_size(block));
        most += most_bases(layout.block_size(block));
    }
    if (total < fewest || total > most)
        throw InvalidBudget(error_text(
            {"budget: expected K from ", fewest, " (two bases a block) to ", most,
             " (one base an element) for ", layout.block_count(), " blocks, got ", total}));
}

FERRET_API void check_bases(const Layout& layout, std::span<const std::uint32_t> bases_per_block) {
    if (bases_per_block.size() != layout.block_count())
        throw LayoutMismatch(error_text({"bases per block: expected ", layout.block_count(),
                                         " numbers, got ", bases_per_block.size()}));
    for (std::size_t block = 0; block < bases_per_block.size(); ++block) {
        const std::uint64_t fewest = fewest_bases(layout.block_size(block));
        const std::uint64_t most = most_bases(layout.block_size(block));
        if (bases_per_block[block] < fewest || bases_per_block[block] > most)
            throw InvalidBudget(
                error_text({"bases per block: expected ", fewest, " to ", most, " in block ", block,
                            ", got ", bases_per_block[block]}));
    }
}

namespace detail {

FERRET_API std::vector<double> clamped_shares(const Layout& layout, std::vector<double> weights,
                                              std::uint64_t total) {
    const std::size_t count = layout.block_count();
    std::vector<double> shares(count, 0.0);
    std::vector<char> settled(count, false);
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

FERRET_API std::vector<std::uint32_t> allocate(const BudgetRule& rule, const Layout& layout,
                                               std::span<const double> squared_norms) {
    const std::uint64_t total = total_of(rule);
    check_total(layout, total);
    const std::size_t count = layout.block_count();
    if (depends_on_update(rule) && squared_norms.size() != count)
        throw LayoutMismatch(
            error_text({"budget: expected ", count, " squared norms, got ", squared_norms.size()}));

    const IeeeArithmetic ieee;
    std::vector<double> weights(count, 1.0);
    for (std::size_t l = 0; l < count; ++l) {
        const auto size = static_cast<double>(layout.block_size(l));
        if (std::holds_alternative<Proportional>(rule)) weights[l] = size;
        if (!depends_on_update(rule)) continue;
        if (!is_finite(squared_norms[l]) || squared_norms[l] < 0.0)
            throw NonFinite(error_text({"budget: expected finite squared norms, got ",
                                        squared_norms[l], " for block ", l}));
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
    for (std::size_t l = 0; l < count; ++l) order[l] = l;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
    });
    while (spent < total)
        for (const std::size_t l : order)
            if (spent < total && bases[l] < most_bases(layout.block_size(l))) ++bases[l], ++spent;
    while (spent > total)
        for (const std::size_t l : order)
            if (spent > total && bases[l] > fewest_bases(layout.block_size(l))) --bases[l], --spent;
    return bases;
}

FERRET_API std::vector<std::uint32_t> expected_bases(const BudgetRule& rule, const Layout& layout) {
    std::vector<double> squared_norms;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        squared_norms.push_back(static_cast<double>(layout.block_size(block)));
    return allocate(rule, layout, squared_norms);
}

}  // namespace ferret
