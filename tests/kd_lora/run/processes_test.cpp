#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "federated/report/child_process.hpp"
#include "kd_lora/support/tiny_run.hpp"

using namespace kd_lora;

namespace {

void run(const std::vector<std::string>& command) {
    REQUIRE(federated::ChildProcess(command).wait() == 0);
}

/// Waits for what a child process is about to do; fails after a time that no machine needs.
template <typename Condition>
void wait_until(const Condition& condition) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::minutes(10);
    while (!condition()) {
        REQUIRE(Clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

TEST_CASE("a run that is killed continues to the same bits") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "whole", "fedkd-lora").options;
    options.rounds = 8;
    run(command_of(options));
    const federated::RunFolder whole(options.out);
    options.out = (folder.path() / "parts").string();
    const federated::RunFolder parts(options.out);
    federated::ChildProcess begun(command_of(options));
    wait_until([&] { return std::filesystem::exists(parts.checkpoint()); });
    begun.kill();
    begun.wait();
    run({KD_LORA_PROGRAM, "run", "--resume", options.out});
    expect_same_result(parts, whole);
}

#ifdef KD_LORA_MPIEXEC

namespace {

/// kd_lora in so many processes.
std::vector<std::string> in_processes(int count, const std::vector<std::string>& command) {
    std::vector<std::string> all{KD_LORA_MPIEXEC, KD_LORA_MPIEXEC_NUMPROC_FLAG,
                                 std::to_string(count)};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

}  // namespace

TEST_CASE("two processes end with the bits of one by itself") {
    const TemporaryFolder folder;
    for (const std::string scheme : {"fedkd-lora", "ferret"}) {
        CAPTURE(scheme);
        Options options = tiny_command(folder.path() / (scheme + " alone"), scheme).options;
        run(command_of(options));
        const federated::RunFolder alone(options.out);
        options.out = (folder.path() / (scheme + " in two")).string();
        run(in_processes(2, command_of(options)));
        expect_same_result(federated::RunFolder(options.out), alone);
    }
}

#endif
