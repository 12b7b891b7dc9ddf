#include "kd_lora/run/pretrain.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "federated/model/threads.hpp"
#include "federated/projection/gpu_projection.hpp"
#include "federated/report/progress_display.hpp"
#include "federated/round/interrupt.hpp"
#include "federated/round/sampling.hpp"
#include "federated/round/stopwatch.hpp"
#include "kd_lora/evaluation/evaluate.hpp"
#include "kd_lora/inputs/run_inputs.hpp"
#include "kd_lora/model/trainable_classifier.hpp"
#include "kd_lora/run/experiment.hpp"
#include "kd_lora/run/models.hpp"
#include "kd_lora/run/saved_run.hpp"
#include "kd_lora/run/scheme_roles.hpp"

namespace kd_lora {
namespace {

std::int64_t epochs_of(const Options& options) {
    if (options.epochs > 0) return options.epochs;
    return options.dataset == "cola" ? 5 : 3;
}

class Pretraining {
public:
    Pretraining(const Options& options, std::ostream& results, std::ostream& progress,
                bool terminal)
        : options_(options), results_(results), display_(progress, terminal, 1) {}

    void run();

private:
    void report(const SequenceClassifier& teacher, const RunInputs& inputs, std::int64_t round);

    const Options& options_;
    std::ostream& results_;
    federated::ProgressDisplay display_;
};

void Pretraining::report(const SequenceClassifier& teacher, const RunInputs& inputs,
                         std::int64_t round) {
    const Scores scores = evaluate(
        teacher, validation_source(options_, inputs), [&](std::int64_t done, std::int64_t total) {
            display_.show({.phase = federated::Progress::Phase::evaluation,
                           .round = round,
                           .done = done,
                           .total = total});
            federated::stop_if_interrupted();
        });
    display_.clear();
    char text[128];
    std::snprintf(text, sizeof text, "%s  accuracy %.4f  matthews %.4f  loss %.4f",
                  round == 0 ? "before" : "after ", scores.accuracy, scores.matthews, scores.loss);
    results_ << text << std::endl;
}

void Pretraining::run() {
    const RunInputs inputs =
        load_inputs(options_, Command::pretrain,
                    {.student = {}, .teacher = options_.teacher, .data = options_.data},
                    federated::stop_if_interrupted);
    const SequenceClassifier teacher =
        load_teacher(options_, options_.teacher, inputs.labels,
                     [&](const std::string& warning) { display_.print("warning: " + warning); });
    const ExampleSource source = training_source(options_, inputs);
    const std::size_t share = inputs.shares.server.size();
    const auto most = static_cast<std::size_t>(options_.public_examples);
    const std::size_t count = most == 0 ? share : std::min(share, most);
    const federated::Round round{};
    const BatchRows batches =
        batches_of_round(source, inputs.shares.server, count, epochs_of(options_),
                         static_cast<std::size_t>(options_.batch_size),
                         federated::choose(batchings, "batching", options_.batching), options_.seed,
                         "pre-training", round);
    results_ << "teacher: " << count << " of " << share << " public examples, "
             << epochs_of(options_) << " epochs, " << batches.size() << " steps" << std::endl;
    report(teacher, inputs, 0);
    Dropout dropout(federated::named_generator(options_.seed, "dropout of pre-training"));
    const federated::Stopwatch watch;
    const federated::LocalResult result = take_steps(
        {.groups = {{trained_tensors(teacher), rate_of(options_, Command::pretrain)}},
         .optimizer = federated::choose(adamw_kinds, "optimizer", options_.optimizer),
         .decays = true},
        source, batches,
        [&](const BatchTensors& batch) { return cross_entropy(teacher, batch, &dropout); },
        [&](std::int64_t step, std::int64_t steps, double loss) {
            display_.show({.phase = federated::Progress::Phase::training,
                           .round = 1,
                           .done = step,
                           .total = steps,
                           .client = 1,
                           .clients = 1,
                           .loss = loss});
            federated::stop_if_interrupted();
        });
    const double seconds = watch.read();
    display_.clear();
    if (!result.finite) {
        throw std::runtime_error(
            "the teacher's loss or weights became infinite or not a number; a smaller lr may help");
    }
    report(teacher, inputs, 1);
    char text[96];
    std::snprintf(text, sizeof text, "training loss %.4f  (%.2f s, %.4f s a step)",
                  result.mean_loss, seconds, seconds / static_cast<double>(batches.size()));
    results_ << text << std::endl;
    save_with_tokenizer(teacher, inputs.tokenizer, options_.out);
    results_ << "teacher: " << options_.out << std::endl;
}

}  // namespace

int pretrain(const Options& options, std::ostream& results, std::ostream& progress, bool terminal) {
    if (std::filesystem::exists(options.out) && !std::filesystem::is_empty(options.out)) {
        throw std::invalid_argument(options.out + " is already there: choose another --out");
    }
    if (options.device == "cuda") federated::expect_gpu();
    if (options.threads > 0) federated::set_threads(options.threads);
    federated::catch_interrupts();
    try {
        Pretraining(options, results, progress, terminal).run();
    } catch (const federated::Interrupted&) {
        progress << (terminal ? "\n" : "") << "interrupted: nothing is saved" << std::endl;
        return interrupted_exit_code;
    }
    return 0;
}

}  // namespace kd_lora
