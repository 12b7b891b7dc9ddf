#pragma once

#include <cstdint>

namespace ferret {

/// Names a basis family in Philox keys and on the wire; each family's header says which is its own.
/// Values never change and are never reused, and 0 is none's.
enum class BasisId : std::uint8_t {};

}  // namespace ferret
