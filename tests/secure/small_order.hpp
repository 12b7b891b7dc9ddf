#pragma once

#include "secure/hexadecimal.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace ferret_test {

/// Public keys with which X25519 gives everybody 0: 0, 1, p - 1 and the two of order 8, p being 2^255 - 19.
inline std::vector<std::array<std::byte, 32>> keys_of_small_order() {
    return {bytes_of_hex("0000000000000000000000000000000000000000000000000000000000000000"),
            bytes_of_hex("0100000000000000000000000000000000000000000000000000000000000000"),
            bytes_of_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            bytes_of_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
            bytes_of_hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")};
}

}  // namespace ferret_test
