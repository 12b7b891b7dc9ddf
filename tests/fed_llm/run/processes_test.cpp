#include <filesystem>
#include <string>
#include <vector>

#include "fed_llm/support/tiny_run.hpp"
#include "federated/report/child_process.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

#ifdef FED_LLM_MPIEXEC

namespace {

/// fed_llm in so many processes.
std::vector<std::string> in_processes(int count, std::vector<std::string> command) {
    std::vector<std::string> all{FED_LLM_MPIEXEC, FED_LLM_MPIEXEC_NUMPROC_FLAG,
                                 std::to_string(count)};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

void run(std::vector<std::string> command) {
    REQUIRE(federated::ChildProcess(command).wait() == 0);
}

}  // namespace

TEST_CASE("one, two and four processes, and two shards, end with the bits of one by itself") {
    const TemporaryFolder folder;
    // Of top-k clients keep something; ferret's updates can be spread.
    for (const std::string algorithm : {"ferret", "top-k"}) {
        Options options = tiny_command(folder.path() / (algorithm + " alone"), algorithm).options;
        options.threads = 1;
        run(command_of(options));
        const federated::RunFolder alone(options.out);
        const auto compare = [&](int processes, std::int64_t shards) {
            CAPTURE(processes);
            CAPTURE(shards);
            options.out = (folder.path() / (algorithm + std::to_string(processes) + " in " +
                                            std::to_string(shards)))
                              .string();
            options.shards = shards;
            run(in_processes(processes, command_of(options)));
            expect_same_result(federated::RunFolder(options.out), alone);
        };
        for (const int processes : {1, 2, 4}) compare(processes, 1);
        if (algorithm == "ferret") compare(2, 2);
    }
}

TEST_CASE("a run of two processes is continued by one, and the other way round") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "whole", "top-k").options;
    options.threads = 1;
    run(command_of(options));
    const federated::RunFolder whole(options.out);
    for (const int first : {1, 2}) {
        options.out = (folder.path() / std::to_string(first)).string();
        const federated::RunFolder parts(options.out);
        federated::ChildProcess begun(in_processes(first, command_of(options)));
        wait_until([&] { return std::filesystem::exists(parts.checkpoint()); });
        begun.kill();
        begun.wait();
        const std::vector<std::string> rest{FED_LLM_PROGRAM, "--resume", options.out};
        // Killed processes may hold the folder for a moment longer than their launcher lives.
        wait_until(
            [&] { return federated::ChildProcess(in_processes(3 - first, rest)).wait() == 0; });
        expect_same_result(parts, whole);
    }
}

TEST_CASE("a number of processes that the shards do not divide ends the run") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "run", "ferret").options;
    options.shards = 2;
    CHECK(federated::ChildProcess(in_processes(3, command_of(options))).wait() == 1);
    CHECK(federated::ChildProcess(command_of(options)).wait() == 1);
}

#endif
