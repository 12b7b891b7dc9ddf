#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "fed_llm/options/options.hpp"
#include "fed_llm/support/tiny_run.hpp"
#include "federated/report/child_process.hpp"
#include "federated/store/run_folder.hpp"
#include "federated/store/tensorboard.hpp"
#include "support/doctest.hpp"

using namespace federated;
using namespace fed_llm;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> resume(const federated::RunFolder& folder) {
    return {FED_LLM_PROGRAM, "--resume", folder.path().string()};
}

}  // namespace

TEST_CASE("a run that is killed at any moment continues to the same bits") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "whole", "top-k").options;  // it keeps a state
    options.threads = 1;
    options.rounds = 20;
    const RunFolder whole(options.out);
    const auto start = Clock::now();
    REQUIRE(ChildProcess(command_of(options)).wait() == 0);
    const std::chrono::duration<double> whole_run = Clock::now() - start;

    options.out = (folder.path() / "parts").string();
    const RunFolder parts(options.out);
    // Where the kills come depends on the machine; a first half is too short for the first attempt
    // to come to its end, even where the machine's load changes a little.
    std::mt19937_64 generator(20240910);
    int kills = 0;
    for (bool finished = false; !finished;) {
        const bool begun = std::filesystem::exists(parts.config());
        ChildProcess run(begun ? resume(parts) : command_of(options));
        if (kills < 8) {
            const double share = std::uniform_real_distribution<double>(0.1, 0.5)(generator);
            std::this_thread::sleep_for(share * whole_run);
            run.kill();
        }
        const std::optional<int> code = run.wait();
        finished = code.has_value();
        if (finished) CHECK(code == 0);
        kills += finished ? 0 : 1;
        REQUIRE(kills <= 8);
    }
    CHECK(kills >= 1);
    expect_same_result(whole, parts);

    // TensorBoard's file has every round once: made anew from the metrics, it is the same.
    REQUIRE(std::distance(std::filesystem::directory_iterator(parts.tensorboard()),
                          std::filesystem::directory_iterator()) == 1);
    const auto events = std::filesystem::directory_iterator(parts.tensorboard())->path();
    const std::string written = read_bytes(events);
    const TensorBoardLog log(parts.tensorboard(), read_metrics(parts.metrics()), 0);
    CHECK(log.file() == events);
    CHECK(read_bytes(events) == written);
}

TEST_CASE("of two runs started together in one folder one has it, and a killed one gives it up") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "run", "ferret").options;
    options.rounds = 1'000'000;
    const RunFolder run(options.out);
    {
        ChildProcess first(command_of(options));
        wait_until([&] { return std::filesystem::exists(run.lock()); });
        // From here to the first's death, whatever it is at.
        CHECK(ChildProcess(command_of(options)).wait() == 1);
        wait_until([&] { return std::filesystem::exists(run.checkpoint()); });
        CHECK(ChildProcess(command_of(options)).wait() == 1);
        CHECK(ChildProcess(resume(run)).wait() == 1);
        first.kill();
        CHECK(first.wait() == std::nullopt);
    }
    ChildProcess second(resume(run));
    const auto rounds = [&] { return read_metrics(run.metrics()).rounds.size(); };
    const std::size_t before = rounds();
    wait_until([&] { return rounds() > before; });
    second.kill();
    second.wait();
    for (std::size_t i = 0; i < rounds(); ++i) {
        CHECK(read_metrics(run.metrics()).rounds[i].round == static_cast<std::int64_t>(i));
    }
}

TEST_CASE("a full disk ends a run with an error, and leaves what --resume goes on from") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "run", "ferret").options;
    options.threads = 1;
    options.rounds = 2;
    const RunFolder run(options.out);
    const RunFolder whole(folder.path() / "whole");
    // No file may grow beyond some blocks of 512 bytes, first not even to the size of config.json.
    const auto limited = [](std::vector<std::string> command, const std::string& blocks) {
        std::vector<std::string> all{"sh", "-c",
                                     "trap '' XFSZ; ulimit -f " + blocks + "; exec \"$@\"", "sh"};
        all.insert(all.end(), command.begin(), command.end());
        return all;
    };
    CHECK(ChildProcess(limited(command_of(options), "0")).wait() == 1);
    CHECK_FALSE(std::filesystem::exists(run.path()));
    CHECK(ChildProcess(limited(command_of(options), "8")).wait() == 1);
    CHECK(std::filesystem::exists(run.config()));
    CHECK_FALSE(std::filesystem::exists(run.checkpoint()));
    REQUIRE(ChildProcess(resume(run)).wait() == 0);
    options.out = whole.path().string();
    REQUIRE(ChildProcess(command_of(options)).wait() == 0);
    expect_same_result(whole, run);
}

TEST_CASE("a run killed between its first two files continues") {
    const TemporaryFolder folder;
    Options options = tiny_command(folder.path() / "run", "ferret").options;
    options.rounds = 1;
    REQUIRE(ChildProcess(command_of(options)).wait() == 0);
    const RunFolder run(options.out);
    const std::string whole = timeless_metrics(run);
    std::filesystem::remove(run.checkpoint());
    std::filesystem::remove(run.metrics());
    REQUIRE(ChildProcess(resume(run)).wait() == 0);
    CHECK(timeless_metrics(run) == whole);
}
