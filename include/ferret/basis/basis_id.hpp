#pragma once

#include <cstdint>

namespace ferret {

/// Names a basis in Philox keys and on the wire. Values never change and are never reused.
enum class BasisId : std::uint8_t {
    truncated_normal_16 = 1,
    truncated_normal_32 = 2,
    gaussian = 3,
    rademacher = 4,
    sparse_sign = 5,
};

}  // namespace ferret
