#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace federated {

/// The number as 16 hexadecimal digits, as run folders hold fingerprints: JSON's numbers lose the last
/// bits of 64.
inline std::string hexadecimal(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

}  // namespace federated
