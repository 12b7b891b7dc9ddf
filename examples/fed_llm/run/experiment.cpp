#include "run/experiment.hpp"

#include <cstdio>
#include <ctime>
#include <optional>
#include <string>

#include "data/split_table.hpp"
#include "federation/federation.hpp"
#include "federation/gpu_projection.hpp"
#include "federation/weights.hpp"
#include "model/hugging_face.hpp"
#include "run/answer_time.hpp"
#include "run/answers.hpp"
#include "run/checkpoint.hpp"
#include "run/dry_run.hpp"
#include "run/durable_file.hpp"
#include "run/embedded_default.hpp"
#include "run/fingerprint.hpp"
#include "run/folder_claim.hpp"
#include "run/interrupt.hpp"
#include "run/make_algorithm.hpp"
#include "run/metrics.hpp"
#include "run/progress_display.hpp"
#include "run/run_folder.hpp"
#include "run/run_inputs.hpp"
#include "run/server_rate_rule.hpp"
#include "run/tensorboard.hpp"
#include "text/end_tokens.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

std::string round_line(const RoundRecord& record, std::int64_t rounds) {
    const Json json = to_json(record);
    char text[256];
    if (record.round == 0) {
        std::snprintf(text, sizeof text, "before      test loss %.4f  (evaluation %.2f s)",
                      record.test_loss, record.evaluation_seconds);
        return text;
    }
    const Json& seconds = json["seconds"];
    std::snprintf(text, sizeof text,
                  "round %lld/%lld  test loss %.4f  up %.0f B  down %zu B  per client  (training "
                  "%.2f s, projection %.2f s, aggregation %.2f s, evaluation %.2f s)",
                  static_cast<long long>(record.round), static_cast<long long>(rounds),
                  record.test_loss, json["bytes_up_per_client"].get<double>(), record.bytes_down,
                  seconds["local_training"].get<double>(), seconds["projection"].get<double>(),
                  seconds["aggregation"].get<double>(), seconds["evaluation"].get<double>());
    return text;
}

/// A run from its options to its last line of metrics.
class Experiment {
public:
    /// `claim` is that of the folder options.out and outlives the object.
    Experiment(const Options& options, bool resumed, FolderClaim& claim, std::ostream& results,
               std::ostream& progress, bool terminal)
        : options_(options),
          resumed_(resumed),
          folder_(options.out),
          claim_(claim),
          results_(results),
          display_(progress, terminal, options.rounds) {}

    void run();

private:
    void load();
    Json facts();
    std::int64_t restore(Algorithm& algorithm);
    void learn_times();
    void finish_round(const RoundRecord& record, const Algorithm& algorithm);
    void finish();

    ProgressObserver observer() {
        return [this](const Progress& progress) {
            display_.show(progress);
            stop_if_interrupted();
        };
    }

    Options options_;
    bool resumed_;
    RunFolder folder_;
    FolderClaim& claim_;
    std::ostream& results_;
    ProgressDisplay display_;

    std::optional<TensorBoardLog> tensorboard_;
    std::optional<RunInputs> inputs_;
    Llama llama_{nullptr};
    TrainableModel model_;
    std::optional<EndTokens> end_tokens_;
};

void Experiment::load() {
    EmbeddedDefault folders{options_.model, options_.data};
    if (options_.model.empty()) {
        claim_.will_make(folder_.embedded());
        folders = prepare_embedded_default(
            options_.cache.empty() ? folder_.embedded() : std::filesystem::path(options_.cache),
            observer());
    }
    inputs_.emplace(load_inputs(options_, folders.model, folders.data));
    for (const std::string& warning : inputs_->warnings) display_.print("warning: " + warning);
    stop_if_interrupted();
    llama_ =
        load_llama(folders.model, torch::kFloat32, torch::Device(options_.device),
                   [this](const std::string& message) { display_.print("warning: " + message); });
    model_ = trainable(llama_);
    end_tokens_.emplace(folders.model, inputs_->tokenizer.eos(), llama_->config().vocab_size);
    FederationSettings& federation = inputs_->federation;
    federation.server_rate =
        server_rate_of(options_, parameter_count(model_.parameters), federation.clients_per_round);
}

Json Experiment::facts() {
    const FederatedDataset& dataset = inputs_->dataset;
    return {{"parameters", parameter_count(model_.parameters)},
            {"initial_weights", fingerprint(model_.parameters)},
            {"clients", dataset.clients.size()},
            {"clients_per_round", inputs_->federation.clients_per_round},
            {"server_rate", inputs_->federation.server_rate},
            {"training_examples", training_example_count(dataset)},
            {"test_examples", dataset.test.size()},
            {"dropped_long_training_examples", dataset.dropped.long_train_instances},
            {"dropped_long_test_examples", dataset.dropped.long_test_instances},
            {"dropped_without_category", dataset.dropped.without_category},
            {"dropped_tasks", dataset.dropped.tasks.size()},
            {"examples", fingerprint(dataset)}};
}

/// Puts the model, the algorithm and metrics.jsonl where the last full round left them. Returns
/// that round; -1 if not even round 0 was measured.
std::int64_t Experiment::restore(Algorithm& algorithm) {
    std::int64_t round = -1;
    if (std::filesystem::exists(folder_.checkpoint())) {
        Checkpoint checkpoint = load_checkpoint(folder_.checkpoint(), model_.parameters);
        assign_weights(model_.parameters, checkpoint.weights);
        algorithm.restore(checkpoint.state);
        round = checkpoint.round;
        cut_metrics(folder_.metrics(), round, round == options_.rounds);
    } else {
        // The run may have been killed before it had this file.
        replace_durably(folder_.metrics(), std::string_view());
    }
    tensorboard_.emplace(folder_.tensorboard(), read_metrics(folder_.metrics()),
                         static_cast<std::int64_t>(std::time(nullptr)));
    return round;
}

/// Tells the display what rounds took before the run was continued, and what answers will take.
void Experiment::learn_times() {
    for (const RoundSummary& round : read_metrics(folder_.metrics()).rounds) {
        display_.remaining_time().learn(round);
    }
    if (options_.rouge_examples > 0) {
        const auto examples = spread_evenly(inputs_->dataset.test, options_.rouge_examples);
        display_.remaining_time().expect_answers(
            estimate_answer_seconds(llama_, examples, options_.max_new_tokens));
    }
}

void Experiment::finish_round(const RoundRecord& record, const Algorithm& algorithm) {
    append_durably(folder_.metrics(), to_json(record).dump() + "\n");
    save_checkpoint(folder_.checkpoint(), {record.round, model_.parameters, algorithm.state()});
    tensorboard_->append(summary_of(record));
    display_.remaining_time().learn(summary_of(record));
    for (const ClientRecord& client : record.clients) {
        if (client.failure.empty()) continue;
        display_.print("warning: round " + std::to_string(record.round) + ": client " +
                       client.name + " is left out: " + client.failure);
    }
    display_.clear();
    results_ << round_line(record, options_.rounds) << std::endl;
}

void Experiment::finish() {
    if (options_.rounds > 0) {
        save_llama(llama_, folder_.model());
        inputs_->tokenizer.save(folder_.model());
        end_tokens_->save(folder_.model());
        flush_files(folder_.model());
    }
    if (options_.rouge_examples > 0) {
        const auto examples = spread_evenly(inputs_->dataset.test, options_.rouge_examples);
        const AnswerRecord answers = answer(llama_, inputs_->tokenizer, examples,
                                            {.end_tokens = end_tokens_->tokens(),
                                             .max_new_tokens = options_.max_new_tokens,
                                             .round = options_.rounds,
                                             .final_numbers = inputs_->dataset.final_numbers},
                                            observer());
        append_durably(folder_.metrics(), to_json(answers).dump() + "\n");
        tensorboard_->append(answers);
        display_.clear();
        char text[128];
        std::snprintf(text, sizeof text, "Rouge-L %.2f %% over %lld test examples  (%.2f s)",
                      100.0 * answers.rouge_l, static_cast<long long>(answers.examples),
                      answers.seconds);
        results_ << text << std::endl;
        if (answers.exact_match) {
            std::snprintf(text, sizeof text, "final number right in %.2f %%",
                          100.0 * *answers.exact_match);
            results_ << text << std::endl;
        }
    }
    results_ << "run folder: " << folder_.path().string() << std::endl;
}

void Experiment::run() {
    if (!claim_.keeps_others_out()) {
        display_.print(
            "warning: " + folder_.path().string() +
            ": the file system has no locks: nothing keeps other runs out of the folder");
    }
    load();
    const auto algorithm = make_algorithm(options_, model_);
    Federation federation(model_, inputs_->dataset, *algorithm, inputs_->federation);
    const Json facts = this->facts();
    if (resumed_) {
        expect_facts(folder_, facts);
    } else {
        begin_run(folder_, options_, facts);
    }
    claim_.keep();
    replace_durably(folder_.split(), std::string_view(split_table(inputs_->dataset.clients)));
    results_ << options_.algorithm << ": " << facts["parameters"] << " parameters, "
             << facts["clients_per_round"] << " of " << facts["clients"] << " clients a round, "
             << facts["test_examples"] << " test examples" << std::endl;
    const std::string dropped = describe_dropped(inputs_->dataset.dropped);
    if (!dropped.empty()) results_ << "left out: " << dropped << std::endl;

    std::int64_t round = restore(*algorithm);
    if (resumed_) {
        results_ << "continues after round " << std::max<std::int64_t>(round, 0) << std::endl;
    }
    learn_times();
    if (round < 0) {
        finish_round(federation.before(observer()), *algorithm);
        round = 0;
    }
    while (round < options_.rounds) {
        finish_round(federation.run_round(round + 1, observer()), *algorithm);
        ++round;
    }
    if (read_metrics(folder_.metrics()).answers.empty()) {
        finish();
    } else {
        results_ << "the run is complete: " << folder_.path().string() << std::endl;
    }
}

}  // namespace

int run_experiment(const CommandLine& line, std::ostream& results, std::ostream& progress,
                   bool terminal) {
    Options options = line.options;
    if (line.resume) options.out = line.resume->string();
    if (options.out.empty()) options.out = "runs/" + options.algorithm;
    const RunFolder folder(options.out);
    if (line.dry_run) {
        expect_no_run(folder);
        print_plan(options, results);
        return 0;
    }
    FolderClaim claim(folder);
    if (line.resume) {
        options = resumed_options(stored_options(folder), line);
    } else {
        expect_no_run(folder);
    }
    if (options.device == "cuda") expect_gpu();
    if (options.threads > 0) torch::set_num_threads(static_cast<int>(options.threads));
    catch_interrupts();
    Experiment experiment(options, line.resume.has_value(), claim, results, progress, terminal);
    try {
        experiment.run();
    } catch (const Interrupted&) {
        if (terminal) progress << '\n';
        if (std::filesystem::exists(folder.config())) {
            progress << "interrupted; to continue: fed_llm --resume " << folder.path().string()
                     << std::endl;
        } else {
            progress << "interrupted before the first round; start again with the same command"
                     << std::endl;
        }
        return interrupted_exit_code;
    }
    return 0;
}

}  // namespace fed_llm
