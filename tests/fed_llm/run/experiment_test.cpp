#include "fed_llm/run/experiment.hpp"

#include <csignal>
#include <ferret/error.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <streambuf>

#include "fed_llm/data/natural_instructions.hpp"
#include "fed_llm/data/synthetic.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/support/rows.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "fed_llm/support/tiny_run.hpp"
#include "fed_llm/text/prompt.hpp"
#include "fed_llm/text/rouge.hpp"
#include "federated/report/compare.hpp"
#include "federated/store/folder_claim.hpp"
#include "federated/store/metrics.hpp"
#include "federated/store/run_folder.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace hugging_face;
using namespace federated;
using namespace fed_llm;

namespace {

CommandLine resume(const std::filesystem::path& run) {
    CommandLine line;
    line.resume = run;
    return line;
}

/// Collects text and raises SIGINT once it holds `trigger`.
class InterruptingBuffer : public std::stringbuf {
public:
    explicit InterruptingBuffer(std::string trigger) : trigger_(std::move(trigger)) {}

protected:
    int sync() override {
        if (!raised_ && str().find(trigger_) != std::string::npos) {
            raised_ = true;
            std::raise(SIGINT);
        }
        return std::stringbuf::sync();
    }

private:
    std::string trigger_;
    bool raised_ = false;
};

struct Outcome {
    int exit_code = 0;
    std::string results;
    std::string progress;
};

/// Runs until the results hold `trigger`, then interrupts; to the end if there is no trigger.
Outcome run(const CommandLine& line, const std::string& trigger = "never printed") {
    InterruptingBuffer buffer(trigger);
    std::ostream results(&buffer);
    std::ostringstream progress;
    federated::InProcess process;
    const int exit_code = run_experiment(line, process, results, progress, false);
    return {exit_code, buffer.str(), progress.str()};
}

}  // namespace

TEST_CASE("an interrupted run continues to the same bits") {
    for (const std::string algorithm : {"ferret", "fedavg", "fedkseed", "fedkseed-pro", "fedzo",
                                        "fedit", "top-k", "sign-feedback", "ferret-public"}) {
        CAPTURE(algorithm);
        const TemporaryFolder folder;
        const RunFolder whole(folder.path() / "whole");
        const RunFolder parts(folder.path() / "parts");
        CHECK(run(tiny_command(whole.path(), algorithm)).exit_code == 0);

        const Outcome first = run(tiny_command(parts.path(), algorithm), "round 2/4");
        CHECK(first.exit_code == interrupted_exit_code);
        CHECK(first.progress.find("fed_llm --resume " + parts.path().string()) !=
              std::string::npos);
        CHECK(first.results.find("round 3/4") == std::string::npos);
        CHECK(read_metrics(parts.metrics()).rounds.size() == 3);
        // As if the crash had come between the metrics of round 3 and its checkpoint.
        std::ofstream(parts.metrics(), std::ios::app) << "{\"round\":3,\"test_";

        const Outcome second = run(resume(parts.path()));
        CHECK(second.exit_code == 0);
        CHECK(second.results.find("continues after round 2") != std::string::npos);
        expect_same_result(whole, parts);
    }
}

TEST_CASE("a run interrupted before its first round, or while it answers, continues too") {
    const TemporaryFolder folder;
    const RunFolder whole(folder.path() / "whole");
    CHECK(run(tiny_command(whole.path(), "ferret")).exit_code == 0);
    for (const std::string trigger : {"clients a round", "round 4/4"}) {
        const RunFolder parts(folder.path() / trigger.substr(0, 5));
        CHECK(run(tiny_command(parts.path(), "ferret"), trigger).exit_code ==
              interrupted_exit_code);
        CHECK(run(resume(parts.path())).exit_code == 0);
        expect_same_result(whole, parts);
    }
}

TEST_CASE("the run folder holds options, a line a round and the final model") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    const Outcome outcome = run(tiny_command(out.path(), "ferret"));
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.results.find("round 4/4  test loss") != std::string::npos);
    CHECK(outcome.results.find("Rouge-L") != std::string::npos);
    CHECK(stored_options(out)["budget"] == 64);
    CHECK(read_bytes(out.split()).starts_with("client,"));
    const Metrics metrics = read_metrics(out.metrics());
    REQUIRE(metrics.rounds.size() == 5);
    CHECK(metrics.answers.size() == 1);
    CHECK((metrics.rounds[4].metrics != metrics.rounds[0].metrics));
    CHECK(metrics.rounds[4].bytes_up > 64 / 8);
    load_llama(out.model());
    CHECK(Tokenizer(out.model()).vocab_size() == Tokenizer(tiny_inputs().model()).vocab_size());

    CHECK_THROWS_AS(run(tiny_command(out.path(), "ferret")), std::invalid_argument);
    const std::string before = read_bytes(out.metrics());
    const Outcome again = run(resume(out.path()));
    CHECK(again.exit_code == 0);
    CHECK(again.results.find("the run is complete") != std::string::npos);
    CHECK(read_bytes(out.metrics()) == before);
}

TEST_CASE("answers end where examples end, whatever config.json says") {
    const TemporaryFolder folder;
    std::vector<nlohmann::ordered_json> rows;
    for (int i = 0; i < 10; ++i) {
        rows.push_back({{"instruction", "Say yes " + std::to_string(i)}, {"output", "yes no"}});
    }
    folder.write("data/train.jsonl", jsonl(rows));
    folder.write("data/test.jsonl", jsonl({rows[0], rows[5]}));
    const Tokenizer tokenizer =
        train_tokenizer({alpaca_prompt("Say yes 0123456789", ""), "yes no"}, 400);
    LlamaConfig config = tiny_config();
    config.vocab_size = tokenizer.vocab_size();
    config.max_position_embeddings = 256;
    config.eos_token_id = 1;  // as the first conversions of LLaMA have it
    Llama llama(config);
    initialize(llama, 3);
    save_llama(llama, folder.path() / "model");
    tokenizer.save(folder.path() / "model");

    const RunFolder out(folder.path() / "run");
    CommandLine line = tiny_command(out.path(), "fedavg");
    line.options.model = (folder.path() / "model").string();
    line.options.data = (folder.path() / "data").string();
    line.options.dataset = "jsonl";
    line.options.clients = 2;
    line.options.clients_per_round = 2;
    line.options.rounds = 1;
    line.options.local_steps = 100;
    line.options.max_new_tokens = 40;
    CHECK(run(line).exit_code == 0);
    const Metrics metrics = read_metrics(out.metrics());
    REQUIRE(metrics.answers.size() == 1);
    CHECK(metric_of(metrics.answers[0].metrics, "rouge_l") == rouge_l_f1("yes no", "yes no"));
    CHECK(read_json(out.model() / "generation_config.json", 1000) ==
          nlohmann::ordered_json{{"eos_token_id", {2, 1}}});
}

TEST_CASE("a run that cannot begin leaves no folder behind") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "runs" / "run", "ferret");
    line.options.clients_per_round = 1000;
    CHECK_THROWS_AS(run(line), std::invalid_argument);
    line.options.clients_per_round = 1;
    line.options.budget = 1;
    CHECK_THROWS_AS(run(line), ferret::InvalidBudget);
    CHECK(std::filesystem::is_empty(folder.path()));
    line.options.budget = 64;
    line.options.rounds = 1;
    CHECK(run(line).exit_code == 0);
}

TEST_CASE("a folder in use is refused to new runs and to --resume, before anything is read") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    CommandLine line = tiny_command(out.path(), "ferret");
    line.options.rounds = 1;
    const auto expect_refused = [&](const CommandLine& refused) {
        CHECK_THROWS_WITH_AS(run(refused), doctest::Contains("another run is using this folder"),
                             std::runtime_error);
    };
    {
        const FolderClaim reading(out);
        CommandLine without_data = line;
        without_data.options.data = (folder.path() / "missing").string();
        expect_refused(without_data);
    }
    CHECK(run(line, "clients a round").exit_code == interrupted_exit_code);
    {
        const FolderClaim running(out);
        const std::string before = read_bytes(out.metrics());
        expect_refused(line);
        expect_refused(resume(out.path()));
        CHECK(read_bytes(out.metrics()) == before);
        CHECK(read_run(out.path()).name == "run");  // reading is free
    }
    CHECK(run(resume(out.path())).exit_code == 0);
}

TEST_CASE("what is left out is told, and what the model has no room for does not end the run") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "ferret");
    line.options.rounds = 1;
    line.options.max_length = 1000;
    const Outcome outcome = run(line);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.progress.find("warning: examples of more than 256 tokens are left out") !=
          std::string::npos);
}

TEST_CASE("no rounds only evaluate") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    CommandLine line = tiny_command(out.path(), "ferret");
    line.options.rounds = 0;
    CHECK(run(line).exit_code == 0);
    CHECK(read_metrics(out.metrics()).rounds.size() == 1);
    CHECK(read_metrics(out.metrics()).answers.size() == 1);
    CHECK_FALSE(std::filesystem::exists(out.model()));
}

TEST_CASE("a run is not continued with other options or other data") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    CommandLine line = tiny_command(out.path(), "ferret");
    line.options.rounds = 1;
    line.options.data = (folder.path() / "data").string();
    write_synthetic_tasks(line.options.data, 3);
    CHECK(run(line, "round 1/1").exit_code == interrupted_exit_code);

    CommandLine other = resume(out.path());
    other.options.lr = 0.5;
    other.given = {"lr"};
    CHECK_THROWS_AS(run(other), std::invalid_argument);
    write_synthetic_tasks(line.options.data, 4);
    try {
        run(resume(out.path()));
        FAIL("continued with other data");
    } catch (const FileError& error) {
        CHECK(error.field() == "facts.examples");
    }
}
