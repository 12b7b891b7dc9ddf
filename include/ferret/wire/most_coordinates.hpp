#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "../block/budget.hpp"
#include "../block/layout.hpp"
#include "../compiled.hpp"
#include "coordinate_format.hpp"

namespace ferret {

/// The largest K for which a sketch takes at most so many bytes, as encode(sketch) writes it.
/// Shapes: rule: a budget rule's name; of one that looks at the update, for the expected_bases
/// Cost:   a few allocations of the budget, as a rule one
/// Returns: nothing if not even the fewest bases fit
/// Throws: UnknownName for the rule
std::optional<std::uint64_t> most_coordinates(std::string_view rule, const Layout& layout,
                                              CoordinateFormat format, std::uint64_t bytes);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "most_coordinates.inl"
#endif
