#include "kd_lora/run/experiment.hpp"

#include <csignal>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <utility>

#include "federated/report/compare.hpp"
#include "federated/report/table.hpp"
#include "federated/round/metric.hpp"
#include "federated/store/metrics.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"
#include "kd_lora/estimates/dry_run.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/run/models.hpp"
#include "kd_lora/run/pretrain.hpp"
#include "kd_lora/support/tiny_run.hpp"

using namespace kd_lora;

namespace {

struct Outcome {
    int code = 0;
    std::string results;
    std::string progress;
};

Outcome run(const CommandLine& line) {
    std::ostringstream results;
    std::ostringstream progress;
    federated::InProcess processes;
    const int code = run_experiment(line, processes, results, progress, false);
    return {code, results.str(), progress.str()};
}

CommandLine resume(const std::string& folder) {
    CommandLine line;
    line.resume = folder;
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

federated::Metrics metrics_in(const CommandLine& line) {
    return federated::read_metrics(federated::RunFolder(line.options.out).metrics());
}

}  // namespace

TEST_CASE("every scheme runs, learns, and leaves its models where others load them") {
    const TemporaryFolder folder;
    for (const auto& [name, scheme] : schemes) {
        CAPTURE(name);
        CommandLine line = tiny_command(folder.path() / name, std::string(name));
        const bool sketches = has_sketches(scheme);
        if (!sketches) line.options.evaluate_clients = "yes";
        line.options.rounds = 6;
        REQUIRE(run(line).code == 0);

        const federated::RunFolder done(line.options.out);
        const federated::Metrics metrics = metrics_in(line);
        REQUIRE(metrics.rounds.size() == 7);
        CHECK(metrics.rounds.front().metrics.front().name == "accuracy");
        const auto value = [&](std::size_t round, const char* metric) {
            return federated::metric_of(metrics.rounds[round].metrics, metric);
        };
        CHECK(value(6, "loss") < value(0, "loss"));
        CHECK(std::isfinite(value(6, "matthews")));
        CHECK(std::isfinite(value(6, "teacher_loss")) == has_teacher(scheme));
        CHECK(std::isfinite(value(6, "clients_accuracy")) == !sketches);
        CHECK(metrics.rounds.back().bytes_up > 0.0);
        CHECK(metrics.rounds.back().bytes_down > 0.0);

        // The merged student answers as the run's last round did.
        CHECK(load_classifier(done.model()).config().labels == 2);
        CHECK(std::filesystem::exists(done.path() / "adapter") == has_adapters(scheme));
        CHECK(std::filesystem::exists(done.path() / "teacher") == has_teacher(scheme));
        if (has_adapters(scheme)) {
            SequenceClassifier base = load_classifier(tiny_inputs().student());
            CHECK(load_adapter(base, done.path() / "adapter").rank == 8);
        }
        CHECK(!std::filesystem::is_empty(done.path() / "results"));
        CHECK(federated::read_run(done.path()).algorithm == name);
    }
}

TEST_CASE("an interrupted run is continued to the same bits") {
    const TemporaryFolder folder;
    for (const char* scheme : {"fedkd-lora", "ferret"}) {
        CAPTURE(scheme);
        const CommandLine whole =
            tiny_command(folder.path() / (scheme + std::string("-whole")), scheme);
        REQUIRE(run(whole).code == 0);
        const CommandLine parts =
            tiny_command(folder.path() / (scheme + std::string("-parts")), scheme);
        InterruptingBuffer buffer("round 2/3");
        std::ostream results(&buffer);
        std::ostringstream progress;
        federated::InProcess processes;
        REQUIRE(run_experiment(parts, processes, results, progress, false) ==
                interrupted_exit_code);
        CHECK(progress.str().find("kd_lora run --resume " + parts.options.out) !=
              std::string::npos);
        const Outcome rest = run(resume(parts.options.out));
        REQUIRE(rest.code == 0);
        CHECK(rest.results.find("continues after round 2") != std::string::npos);
        expect_same_result(federated::RunFolder(whole.options.out),
                           federated::RunFolder(parts.options.out));
    }
}

TEST_CASE("what distillation starts from and is told changes what comes out") {
    const TemporaryFolder folder;
    const auto weights = [&](const std::string& name, const auto& change) {
        CommandLine line = tiny_command(folder.path() / name, "fedkd-lora");
        line.options.rounds = 1;
        change(line.options);
        REQUIRE(run(line).code == 0);
        return read_bytes(federated::RunFolder(line.options.out).model() / "model.safetensors");
    };
    const std::string usual = weights("usual", [](Options&) {});
    CHECK(weights("again", [](Options&) {}) == usual);
    CHECK(weights("kl", [](Options& o) { o.kl = "raw"; }) != usual);
    CHECK(weights("attention", [](Options& o) { o.attention_loss = "none"; }) != usual);
    CHECK(weights("detach", [](Options& o) { o.detach = "no"; }) != usual);
    CHECK(weights("rate", [](Options& o) { o.student_distill_lr = 0.02; }) != usual);
    CHECK(weights("epochs", [](Options& o) { o.teacher_epochs = 0; }) != usual);
    CHECK(weights("seed", [](Options& o) { o.seed = 43; }) != usual);
}

TEST_CASE("the teacher is pre-trained into a folder that a run takes") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "teacher", "fedkd-lora");
    line.options.model.clear();
    line.options.epochs = 2;
    line.options.public_examples = 0;
    std::ostringstream results;
    std::ostringstream progress;
    REQUIRE(pretrain(line.options, results, progress, false) == 0);
    CHECK(results.str().find("15 of 15 public examples, 2 epochs, 8 steps") != std::string::npos);
    CHECK(fingerprint_of(load_classifier(line.options.out)) !=
          fingerprint_of(load_classifier(tiny_inputs().teacher())));
    CHECK_THROWS_AS(pretrain(line.options, results, progress, false), std::invalid_argument);

    CommandLine next = tiny_command(folder.path() / "run", "fedkd-lora");
    next.options.rounds = 1;
    next.options.teacher = line.options.out;
    CHECK(run(next).code == 0);
}

TEST_CASE("a plan tells the bytes that the run then sends, and writes nothing") {
    const TemporaryFolder folder;
    for (const auto& [name, scheme] : schemes) {
        CAPTURE(name);
        CommandLine line = tiny_command(folder.path() / name, std::string(name));
        line.options.rounds = 1;
        CommandLine dry = line;
        dry.dry_run = true;
        const Outcome plan = run(dry);
        CHECK(!std::filesystem::exists(line.options.out));
        REQUIRE(run(line).code == 0);
        const federated::RoundSummary round = metrics_in(line).rounds.back();
        CAPTURE(plan.results);
        CHECK(plan.results.find(federated::grouped_digits(round.bytes_up) + " up") !=
              std::string::npos);
        CHECK(plan.results.find(federated::grouped_digits(round.bytes_down) +
                                " down, per client") != std::string::npos);
    }
}

TEST_CASE("a run refuses a folder with a run, a teacher of other words, and other data") {
    const TemporaryFolder folder;
    CommandLine line = tiny_command(folder.path() / "run", "fedkd-lora");
    line.options.rounds = 1;
    REQUIRE(run(line).code == 0);
    CHECK_THROWS_AS(run(line), std::invalid_argument);
    CHECK(run(resume(line.options.out)).code == 0);

    CommandLine other = tiny_command(folder.path() / "words", "fedkd-lora");
    std::filesystem::copy(tiny_inputs().teacher(), folder.path() / "teacher");
    folder.write("teacher/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    other.options.teacher = (folder.path() / "teacher").string();
    CHECK_THROWS_AS(run(other), files::FileError);
    CHECK(!std::filesystem::exists(other.options.out));
}

TEST_CASE("without --model and --data the plan is that of the embedded default") {
    Options options;
    std::ostringstream stream;
    print_plan(options, stream);
    CHECK(stream.str().find(federated::grouped_digits(4000) + " sentences to train on") !=
          std::string::npos);
    CHECK(stream.str().find("teacher") != std::string::npos);
}
