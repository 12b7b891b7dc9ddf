#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "../basis/basis.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "frame.hpp"

namespace ferret {

/// Reads the id of a basis, which messages have in one byte.
/// Throws: Truncated; Malformed for an id that stands for no basis
inline BasisId read_basis_id(FrameReader& frame) {
    const auto id = frame.number<std::uint8_t>();
    const bool known = std::any_of(basis_names.begin(), basis_names.end(), [&](const auto& entry) {
        return static_cast<std::uint8_t>(entry.second) == id;
    });
    if (!known)
        throw Malformed(error_text({frame.name(), ": expected a known basis id, got ", id}));
    return static_cast<BasisId>(id);
}

}  // namespace ferret
