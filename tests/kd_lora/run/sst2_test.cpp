#include <cmath>
#include <sstream>

#include "federated/round/metric.hpp"
#include "federated/store/metrics.hpp"
#include "federated/store/run_folder.hpp"
#include "kd_lora/run/experiment.hpp"
#include "kd_lora/support/fixture.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

TEST_SUITE_BEGIN("shared");

TEST_CASE("FedKD-LoRA on SST-2 with tiny models learns to fit what it has seen of it") {
    const TemporaryFolder folder;
    CommandLine line;
    line.options.scheme = "fedkd-lora";
    line.options.model = fixture_folder("tiny-distilbert").string();
    line.options.teacher = fixture_folder("tiny-bert").string();
    line.options.dataset = "sst2";
    line.options.data = (std::filesystem::path(FERRET_SHARED_DIR) / "data" / "sst2").string();
    line.options.rounds = 2;
    line.options.examples_per_round = 640;
    line.options.public_examples = 640;
    line.options.lr = 0.003;
    line.options.distill_lr = 0.001;
    line.options.out = (folder.path() / "run").string();
    std::ostringstream results;
    std::ostringstream progress;
    federated::InProcess processes;
    REQUIRE(run_experiment(line, processes, results, progress, false) == 0);

    const federated::Metrics metrics =
        federated::read_metrics(federated::RunFolder(line.options.out).metrics());
    REQUIRE(metrics.rounds.size() == 3);
    const auto value = [&](std::size_t round, const char* metric) {
        return federated::metric_of(metrics.rounds[round].metrics, metric);
    };
    INFO(results.str());
    CHECK(value(2, "loss") < value(0, "loss"));
    CHECK(value(2, "teacher_loss") < value(0, "teacher_loss"));
    // The shares are those of the public code.
    CHECK(results.str().find("13470 public examples, 872 validation examples") !=
          std::string::npos);
}

TEST_SUITE_END();
