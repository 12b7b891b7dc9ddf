#include "federated/options/option_limits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "federated/options/byte_count.hpp"

namespace federated {
namespace {

/// A number that `allowed` accepts.
template <class Number, class Allowed>
CLI::Validator number_where(const Allowed& allowed, const std::string& expected) {
    const auto check = [=](std::string& text) -> std::string {
        Number value{};
        if (!CLI::detail::lexical_cast(text, value) || !allowed(value)) {
            return "expected " + expected + ", got " + text;
        }
        return {};
    };
    return {check, expected, expected};
}

/// A real number of the interval [least, below).
CLI::Validator real_from(double least, double below, const std::string& expected) {
    return number_where<double>([=](double value) { return value >= least && value < below; },
                                expected);
}

}  // namespace

CLI::Validator real(double above, double most, const std::string& expected) {
    return number_where<double>(
        [=](double value) { return std::isfinite(value) && value > above && value <= most; },
        expected);
}

CLI::Validator rate() {
    return real(0.0, std::numeric_limits<float>::max(), "a finite number above 0");
}

CLI::Validator rate_or_zero() {
    return real_from(0.0, std::numeric_limits<float>::max(), "a finite number of 0 or more");
}

CLI::Validator momentum() {
    return real_from(0.0, 1.0, "a number in [0, 1)");
}

CLI::Validator share() {
    return real(0.0, 1.0, "a number in (0, 1]");
}

CLI::Validator whole(std::int64_t least, std::int64_t most) {
    return number_where<std::int64_t>(
        [=](std::int64_t value) { return value >= least && value <= most; },
        "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

CLI::Validator one_of(const std::vector<std::string>& names) {
    std::string expected;
    for (const std::string& name : names) expected += (expected.empty() ? "" : "|") + name;
    const auto check = [=](std::string& text) -> std::string {
        if (std::find(names.begin(), names.end(), text) != names.end()) return {};
        return "expected " + expected + ", got " + text;
    };
    return {check, expected, expected};
}

CLI::Validator byte_count() {
    const std::string expected = "a number of bytes such as 4096, 4K or 1M, or 1/1000";
    return {[=](std::string& text) -> std::string {
                try {
                    if (!text.empty()) parse_bytes(text, 1.0);
                } catch (const std::invalid_argument& error) {
                    return error.what();
                }
                return {};
            },
            "BYTES", expected};
}

CLI::Validator any(const std::string& unit) {
    return {[](std::string&) { return std::string(); }, unit, unit};
}

}  // namespace federated
