#pragma once

#include <algorithm>

#include "../wire.hpp"
#include "most_coordinates.hpp"

namespace ferret {

FERRET_API std::optional<std::uint64_t> most_coordinates(std::string_view rule,
                                                         const Layout& layout,
                                                         CoordinateFormat format,
                                                         std::uint64_t bytes) {
    // From too many downwards: one more coordinate can take a few bytes less. Rotated ones come 32 at a
    // time.
    const std::uint64_t step = is_rotated(format) ? 32 : 1;
    const std::uint64_t whole = bytes / bits_of(format);  // times 8, without overflow
    const std::uint64_t bound =
        whole >= layout.element_count() ? layout.element_count() : 8 * bytes / bits_of(format);
    std::uint64_t budget = (std::min)(layout.element_count(), bound / step * step);
    std::uint64_t fewest = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        fewest += fewest_bases(layout.block_size(block));
    static_cast<void>(
        parse_budget_rule(rule, budget));  // known or not, however few bytes there are
    while (budget >= fewest) {
        const BudgetRule candidate = parse_budget_rule(rule, budget);
        if (encoded_size(expected_bases(candidate, layout), format) <= bytes) return budget;
        if (budget <= step) break;
        budget = (budget - 1) / step * step;
    }
    return std::nullopt;
}

}  // namespace ferret
