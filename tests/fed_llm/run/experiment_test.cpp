#include "run/experiment.hpp"

#include <csignal>
#include <ferret/error.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <streambuf>

#include "data/natural_instructions.hpp"
#include "data/synthetic.hpp"
#include "file/file_error.hpp"
#include "model/hugging_face.hpp"
#include "run/metrics.hpp"
#include "run/run_folder.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"
#include "text/tokenizer.hpp"

using namespace fed_llm;

namespace {

/// A tiny model and the synthetic tasks, made once.
class Inputs {
public:
    Inputs() {
        write_synthetic_tasks(data(), 3);
        const Tokenizer tokenizer = train_tokenizer(read_training_texts(data()), 400);
        LlamaConfig config;
        config.hidden_size = 16;
        config.intermediate_size = 24;
        config.num_hidden_layers = 1;
        config.num_attention_heads = 2;
        config.num_key_value_heads = 2;
        config.vocab_size = tokenizer.vocab_size();
        config.max_position_embeddings = 256;
        config.tie_word_embeddings = true;
        Llama llama(config);
        initialize(llama, 3);
        std::filesystem::create_directories(model());
        save_llama(llama, model());
        tokenizer.save(model() / "tokenizer.model");
    }
    std::filesystem::path data() const { return folder_.path() / "data"; }
    std::filesystem::path model() const { return folder_.path() / "model"; }

private:
    TemporaryFolder folder_;
};

const Inputs& inputs() {
    static const Inputs made;
    return made;
}

CommandLine command(const std::filesystem::path& out, const std::string& algorithm) {
    CommandLine line;
    line.options.model = inputs().model().string();
    line.options.data = inputs().data().string();
    line.options.algorithm = algorithm;
    line.options.rounds = 4;
    line.options.clients_per_round = 3;
    line.options.local_steps = 2;
    line.options.batch_size = 2;
    line.options.optimizer = "adamw";
    line.options.lr = 0.01;
    line.options.budget = 64;
    line.options.test_examples = 10;
    line.options.rouge_examples = 2;
    line.options.max_new_tokens = 4;
    line.options.out = out.string();
    return line;
}

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
    const int exit_code = run_experiment(line, results, progress, false);
    return {exit_code, buffer.str(), progress.str()};
}

/// The metrics without what differs from one run to the next: seconds.
std::string timeless_metrics(const RunFolder& folder) {
    std::istringstream lines(read_bytes(folder.metrics()));
    std::string result;
    for (std::string text; std::getline(lines, text);) {
        auto json = nlohmann::ordered_json::parse(text);
        json.erase("seconds");
        result += json.dump() + "\n";
    }
    return result;
}

void expect_same_result(const RunFolder& left, const RunFolder& right) {
    CHECK(read_bytes(left.checkpoint()) == read_bytes(right.checkpoint()));
    CHECK(read_bytes(left.model() / "model.safetensors") ==
          read_bytes(right.model() / "model.safetensors"));
    CHECK(timeless_metrics(left) == timeless_metrics(right));
}

}  // namespace

TEST_CASE("an interrupted run continues to the same bits") {
    for (const std::string algorithm : {"ferret", "fedavg"}) {
        const TemporaryFolder folder;
        const RunFolder whole(folder.path() / "whole");
        const RunFolder parts(folder.path() / "parts");
        CHECK(run(command(whole.path(), algorithm)).exit_code == 0);

        const Outcome first = run(command(parts.path(), algorithm), "round 2/4");
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
    CHECK(run(command(whole.path(), "ferret")).exit_code == 0);
    for (const std::string trigger : {"clients a round", "round 4/4"}) {
        const RunFolder parts(folder.path() / trigger.substr(0, 5));
        CHECK(run(command(parts.path(), "ferret"), trigger).exit_code == interrupted_exit_code);
        CHECK(run(resume(parts.path())).exit_code == 0);
        expect_same_result(whole, parts);
    }
}

TEST_CASE("the run folder holds options, a line a round and the final model") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    const Outcome outcome = run(command(out.path(), "ferret"));
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.results.find("round 4/4  test loss") != std::string::npos);
    CHECK(outcome.results.find("Rouge-L") != std::string::npos);
    CHECK(stored_options(out).budget == 64);
    const Metrics metrics = read_metrics(out.metrics());
    REQUIRE(metrics.rounds.size() == 5);
    CHECK(metrics.answers.size() == 1);
    CHECK(metrics.rounds[4].test_loss != metrics.rounds[0].test_loss);
    CHECK(metrics.rounds[4].bytes_up > 4 * 64);
    load_llama(out.model());
    CHECK(Tokenizer(out.model() / "tokenizer.model").vocab_size() ==
          Tokenizer(inputs().model() / "tokenizer.model").vocab_size());

    CHECK_THROWS_AS(run(command(out.path(), "ferret")), std::invalid_argument);
    const std::string before = read_bytes(out.metrics());
    const Outcome again = run(resume(out.path()));
    CHECK(again.exit_code == 0);
    CHECK(again.results.find("the run is complete") != std::string::npos);
    CHECK(read_bytes(out.metrics()) == before);
}

TEST_CASE("a run that cannot begin leaves its folder free") {
    const TemporaryFolder folder;
    CommandLine line = command(folder.path() / "run", "ferret");
    line.options.clients_per_round = 1000;
    CHECK_THROWS_AS(run(line), std::invalid_argument);
    line.options.clients_per_round = 1;
    line.options.budget = 1;
    CHECK_THROWS_AS(run(line), ferret::InvalidBudget);
    line.options.budget = 64;
    line.options.rounds = 1;
    CHECK(run(line).exit_code == 0);
}

TEST_CASE("no rounds only evaluate") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    CommandLine line = command(out.path(), "ferret");
    line.options.rounds = 0;
    CHECK(run(line).exit_code == 0);
    CHECK(read_metrics(out.metrics()).rounds.size() == 1);
    CHECK(read_metrics(out.metrics()).answers.size() == 1);
    CHECK_FALSE(std::filesystem::exists(out.model()));
}

TEST_CASE("a run is not continued with other options or other data") {
    const TemporaryFolder folder;
    const RunFolder out(folder.path() / "run");
    CommandLine line = command(out.path(), "ferret");
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
