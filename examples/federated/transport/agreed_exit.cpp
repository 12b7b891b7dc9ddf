#include "federated/transport/agreed_exit.hpp"

#include <iostream>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "federated/transport/text.hpp"

namespace federated {

std::optional<int> agreed_exit(const ParsedExit& own, Transport& processes) {
    std::vector<std::byte> problem;  // the exit code and what was said; nothing where all is well
    if (own.code) {
        problem = bytes_of(own.err);
        problem.insert(problem.begin(), static_cast<std::byte>(*own.code));
    }
    const auto problems = processes.gather(std::move(problem));
    std::vector<std::byte> agreed;
    for (std::size_t rank = 0; rank < problems.size() && agreed.empty(); ++rank) {
        if (problems[rank].empty()) continue;
        agreed.push_back(problems[rank].front());
        if (rank > 0) std::cerr << "process " << rank << ": ";
        std::cerr << text_of(std::span(problems[rank]).subspan(1));
        if (rank == 0) std::cout << own.out;
    }
    processes.broadcast(agreed);
    return agreed.empty() ? own.code : std::optional<int>(static_cast<int>(agreed[0]));
}

void expect_printed() {
    std::cout << std::flush;
    if (!std::cout) throw std::runtime_error("standard output: expected a complete write");
}

}  // namespace federated
