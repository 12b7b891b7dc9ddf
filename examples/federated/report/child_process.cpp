#include "federated/report/child_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace federated {

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
    std::vector<std::string> words = command;
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int error =
        ::posix_spawnp(&id_, pointers.front(), nullptr, nullptr, pointers.data(), environ);
    if (error != 0) {
        id_ = -1;
        throw std::system_error(error, std::generic_category(), command.front());
    }
}

ChildProcess::~ChildProcess() {
    kill();
    if (id_ > 0) ::waitpid(id_, nullptr, 0);
}

void ChildProcess::kill() {
    if (id_ > 0) ::kill(id_, SIGKILL);
}

std::optional<int> ChildProcess::wait() {
    int status = 0;
    while (id_ > 0 && ::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    if (!WIFEXITED(status)) return std::nullopt;
    return WEXITSTATUS(status);
}

}  // namespace federated
