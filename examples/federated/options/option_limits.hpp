#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace federated {

/// A real number of the interval (above, most].
CLI::Validator real(double above, double most, const std::string& expected);

/// A finite number above 0. LibTorch computes with rates as float.
CLI::Validator rate();

/// A finite number of 0 or more.
CLI::Validator rate_or_zero();

/// A number in [0, 1).
CLI::Validator momentum();

/// A number in (0, 1].
CLI::Validator share();

/// A whole number from least to most.
CLI::Validator whole(std::int64_t least, std::int64_t most);

/// One of the names.
CLI::Validator one_of(const std::vector<std::string>& names);

/// What parse_bytes reads, or nothing.
CLI::Validator byte_count();

/// Any text; help shows `unit`.
CLI::Validator any(const std::string& unit);

}  // namespace federated
