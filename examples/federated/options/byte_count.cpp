#include "federated/options/byte_count.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>

namespace federated {
namespace {

std::optional<double> number_in(std::string_view text) {
    double value = 0.0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || stop != end || !std::isfinite(value) || value <= 0.0) return {};
    return value;
}

}  // namespace

double parse_bytes(std::string_view text, double whole) {
    double unit = 1.0;
    std::string_view digits = text;
    if (text.starts_with("1/")) {
        digits.remove_prefix(2);
    } else if (text.ends_with('K') || text.ends_with('M')) {
        unit = text.ends_with('K') ? 1024.0 : 1024.0 * 1024.0;
        digits.remove_suffix(1);
    }
    const std::optional<double> value = number_in(digits);
    if (!value) {
        throw std::invalid_argument(
            "bytes: expected a number such as 4096, 4K or 1M, or a share such as "
            "1/1000, got '" +
            std::string(text) + "'");
    }
    return text.starts_with("1/") ? whole / *value : unit * *value;
}

}  // namespace federated
