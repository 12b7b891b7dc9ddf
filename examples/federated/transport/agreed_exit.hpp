#pragma once

#include <optional>
#include <string>

#include "federated/transport/transport.hpp"

namespace federated {

/// What a process made of its command line: an exit code where it does not run, and what it then prints.
struct ParsedExit {
    std::optional<int> code;
    std::string out;
    std::string err;
};

/// Where one of the processes does not take its command line, a path may be missing there, all leave: the
/// first that does not says why, and all get its exit code.
std::optional<int> agreed_exit(const ParsedExit& own, Transport& processes);

/// Flushes standard output, for what has no other product: a full disk must not pass for success.
/// Throws: std::runtime_error
void expect_printed();

}  // namespace federated
