#include "fed_llm/estimates/dry_run.hpp"

#include <ferret/error.hpp>
#include <sstream>
#include <stdexcept>

#include "fed_llm/run/experiment.hpp"
#include "fed_llm/support/tiny_run.hpp"
#include "federated/store/metrics.hpp"
#include "support/doctest.hpp"

using namespace federated;
using namespace fed_llm;

namespace {

std::string plan(const CommandLine& line) {
    std::ostringstream results;
    std::ostringstream progress;
    CommandLine dry = line;
    dry.dry_run = true;
    federated::InProcess process;
    const int exit_code = run_experiment(dry, process, results, progress, false);
    CHECK(exit_code == 0);
    return results.str();
}

}  // namespace

TEST_CASE("the plan tells model, data, rounds, blocks, bytes and memory") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "ferret");
    line.options.budget_rule = "proportional";
    const std::string text = plan(line);
    const auto has = [&](const std::string& part) {
        CAPTURE(text);
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    };
    has("algorithm   ferret\n");
    has("1 layer, hidden size 16, vocabulary 400\n");
    has("test        10 examples\n");
    has("rounds      4 rounds of 3 clients, 2 local steps each, server rate ");
    has("1 block (uniform), K 64 by proportional, basis sparse-sign\n");
    has("coordinates 1bit up, 1bit down, bases shared or each client's own\n");
    has("memory      about ");
    has("category");

    // What it says of bytes is what a run then moves.
    CHECK_FALSE(std::filesystem::exists(line.options.out));
    std::ostringstream results;
    std::ostringstream progress;
    federated::InProcess process;
    CHECK(run_experiment(line, process, results, progress, false) == 0);
    const Metrics metrics = read_metrics(RunFolder(line.options.out).metrics());
    has("bytes       " + std::to_string(static_cast<int>(metrics.rounds[1].bytes_up)) + " up, " +
        std::to_string(static_cast<int>(metrics.rounds[1].bytes_down)) +
        " down, per client and round\n");
}

TEST_CASE("the plan tells what a run would warn of") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "ferret");
    line.options.max_length = 256;
    CHECK(plan(line).find("warning") == std::string::npos);
    line.options.max_length = 1000;
    CHECK(plan(line).find("warning     examples of more than 256 tokens are left out") !=
          std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a plan needs no weights") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "fedavg");
    const std::filesystem::path model = folder.path() / "model";
    std::filesystem::copy(line.options.model, model);
    std::filesystem::remove(model / "model.safetensors");
    line.options.model = model.string();
    CHECK(plan(line).find("algorithm   fedavg\n") == 0);
}

TEST_CASE("what a run would refuse is refused") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "ferret");
    line.options.clients_per_round = 1000;
    CHECK_THROWS_AS(plan(line), std::invalid_argument);
    line.options.clients_per_round = 1;
    line.options.budget = 1;
    CHECK_THROWS_AS(plan(line), ferret::InvalidBudget);
    line.options.algorithm = "top-k";
    line.options.budget = 1'000'000;
    CHECK_THROWS_AS(plan(line), ferret::InvalidBudget);
}

TEST_CASE("the embedded default is planned without its warm-up") {
    const TemporaryFolder folder;
    CommandLine line;
    line.options.out = (folder.path() / "run").string();
    CHECK(plan(line).find("model       the embedded model: 4 layers") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path()));
}
