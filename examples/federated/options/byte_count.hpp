#pragma once

#include <string_view>

namespace federated {

/// A number of bytes as people write it.
/// Shapes: "4096", "4K" (1024 each), "1.5M", or a share "1/1000" of `whole`
/// Throws: std::invalid_argument for anything else, and for what is not a finite number above 0
double parse_bytes(std::string_view text, double whole);

}  // namespace federated
