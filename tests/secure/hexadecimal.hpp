#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ferret_test {

/// 32 bytes of 64 hexadecimal digits.
inline std::array<std::byte, 32> bytes_of_hex(std::string_view digits) {
    std::array<std::byte, 32> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] =
            static_cast<std::byte>(std::stoi(std::string(digits.substr(2 * i, 2)), nullptr, 16));
    return bytes;
}

}  // namespace ferret_test
