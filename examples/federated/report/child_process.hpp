#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace federated {

/// A program that runs beside this one, with the same standard output and error.
class ChildProcess {
public:
    /// Starts `command`, found as the shell finds programs, with its arguments.
    /// Throws: std::system_error where there is no such program.
    explicit ChildProcess(const std::vector<std::string>& command);

    /// Kills the program if it still runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Sends SIGKILL, which no program can catch.
    void kill();

    /// Waits for the end and returns the exit code; nothing if a signal ended the program.
    std::optional<int> wait();

private:
    pid_t id_ = -1;  ///< -1: it has ended
};

}  // namespace federated
