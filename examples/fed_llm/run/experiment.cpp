#include "fed_llm/run/experiment.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "fed_llm/data/dataset_fingerprint.hpp"
#include "fed_llm/data/split_table.hpp"
#include "fed_llm/estimates/answer_time.hpp"
#include "fed_llm/estimates/dry_run.hpp"
#include "fed_llm/evaluation/answers.hpp"
#include "fed_llm/evaluation/evaluate.hpp"
#include "fed_llm/inputs/embedded_default.hpp"
#include "fed_llm/inputs/run_inputs.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/model/trainable_llama.hpp"
#include "federated/algorithm/registry.hpp"
#include "federated/federation/federation.hpp"
#include "federated/model/threads.hpp"
#include "federated/model/weights.hpp"
#include "federated/projection/gpu_projection.hpp"
#include "federated/projection/model_fingerprint.hpp"
#include "federated/report/progress_display.hpp"
#include "federated/report/round_line.hpp"
#include "federated/round/interrupt.hpp"
#include "federated/store/checkpoint.hpp"
#include "federated/store/folder_claim.hpp"
#include "federated/store/hexadecimal.hpp"
#include "federated/store/metrics.hpp"
#include "federated/store/run_folder.hpp"
#include "federated/store/tensorboard.hpp"
#include "federated/transport/text.hpp"
#include "files/durable_file.hpp"
#include "files/file.hpp"
#include "hugging_face/tokenizer/end_tokens.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

/// Those who share each client with this process; null where nobody does.
std::unique_ptr<federated::Transport> shard_group(const Options& options,
                                                  federated::Transport& processes) {
    const auto shards = static_cast<std::size_t>(options.shards);
    if (processes.size() % shards != 0) {
        throw std::invalid_argument("--shards " + std::to_string(shards) +
                                    ": expected a number of processes that it divides, got " +
                                    std::to_string(processes.size()));
    }
    return shards == 1 ? nullptr : processes.split(processes.rank() / shards);
}

/// A run from its options to its last line of metrics, or in a process that is not the server's, its part
/// of it. Only the server's process has a run folder and tells anything.
class Experiment {
public:
    /// `claim` is that of the folder options.out, null in all processes but the server's. It and
    /// `processes` outlive the object.
    Experiment(const Options& options, bool resumed, federated::FolderClaim* claim,
               federated::Transport& processes, std::ostream& results, std::ostream& progress,
               bool terminal)
        : options_(options),
          resumed_(resumed),
          folder_(options.out),
          claim_(claim),
          processes_(processes),
          results_(results),
          display_(progress, terminal, options.rounds) {}

    void run();

private:
    bool serves() const { return claim_ != nullptr; }
    void warn(const std::string& warning) {
        if (serves()) display_.print("warning: " + warning);
    }
    EmbeddedDefault folders();
    void load();
    Json facts();
    void open_folder(const Json& facts);
    std::int64_t restore(federated::Federation& federation);
    void learn_times();
    void finish_round(const federated::RoundRecord& record,
                      const federated::Federation& federation);
    void finish();

    federated::ProgressObserver observer() {
        return [this](const federated::Progress& progress) {
            if (serves()) display_.show(progress);
            federated::stop_if_interrupted();
        };
    }

    Options options_;
    bool resumed_;
    federated::RunFolder folder_;
    federated::FolderClaim* claim_;
    federated::Transport& processes_;
    std::ostream& results_;
    federated::ProgressDisplay display_;

    std::optional<federated::TensorBoardLog> tensorboard_;
    std::optional<RunInputs> inputs_;
    Llama llama_{nullptr};
    federated::TrainableModel model_;
    federated::AlgorithmOptions complete_;  ///< with what options_ leaves to the program
    std::optional<hugging_face::EndTokens> end_tokens_;
};

/// The embedded default is made by the server's process, and read by all.
EmbeddedDefault Experiment::folders() {
    EmbeddedDefault folders{options_.model, options_.data};
    if (!options_.model.empty()) return folders;
    if (serves()) {
        claim_->will_make(folder_.embedded());
        folders = prepare_embedded_default(
            options_.cache.empty() ? folder_.embedded() : std::filesystem::path(options_.cache),
            observer());
    }
    return {federated::broadcast_text(processes_, folders.model.string()),
            federated::broadcast_text(processes_, folders.data.string())};
}

void Experiment::load() {
    const EmbeddedDefault from = folders();
    inputs_.emplace(load_inputs(options_, from.model, from.data, federated::stop_if_interrupted));
    for (const std::string& warning : inputs_->warnings) warn(warning);
    llama_ = load_llama(from.model, torch::kFloat32, torch::Device(options_.device),
                        [this](const std::string& message) { warn(message); });
    federated::stop_if_interrupted();
    model_ = trainable(llama_, inputs_->dataset.clients);
    end_tokens_.emplace(from.model, inputs_->tokenizer.eos(), llama_->config().vocab_size);
    federated::FederationSettings& federation = inputs_->federation;
    federation.server_rate = federated::server_rate_of(options_);
    complete_ = federated::complete_options(options_, model_, federation.clients_per_round);
}

Json Experiment::facts() {
    const FederatedDataset& dataset = inputs_->dataset;
    return {{"parameters", federated::parameter_count(model_.parameters)},
            {"initial_weights",
             federated::hexadecimal(federated::model_fingerprint(model_.parameters))},
            {"clients", dataset.clients.size()},
            {"clients_per_round", inputs_->federation.clients_per_round},
            {"server_rate", inputs_->federation.server_rate},
            {"budget", complete_.budget},
            {"budget_down", complete_.budget_down},
            {"coordinates", complete_.coordinates},
            {"coordinates_down", complete_.coordinates_down},
            {"training_examples", training_example_count(dataset)},
            {"test_examples", dataset.test.size()},
            {"dropped_long_training_examples", dataset.dropped.long_train_instances},
            {"dropped_long_test_examples", dataset.dropped.long_test_instances},
            {"dropped_without_category", dataset.dropped.without_category},
            {"dropped_tasks", dataset.dropped.tasks.size()},
            {"examples", fingerprint(dataset)}};
}

/// Puts the model, the federation and metrics.jsonl where the last full round left them. Returns
/// that round; -1 if not even round 0 was measured.
std::int64_t Experiment::restore(federated::Federation& federation) {
    std::vector<std::byte> bytes;
    if (serves() && std::filesystem::exists(folder_.checkpoint())) {
        bytes = federated::bytes_of(
            files::read_file(folder_.checkpoint(), std::numeric_limits<std::uint64_t>::max()));
    }
    processes_.broadcast(bytes);
    std::int64_t round = -1;
    if (!bytes.empty()) {
        const federated::Checkpoint checkpoint =
            federated::decode_checkpoint(bytes, model_.parameters, folder_.checkpoint());
        federated::assign_weights(model_.parameters, checkpoint.weights);
        federation.restore(checkpoint.state);
        round = checkpoint.round;
    }
    if (!serves()) return round;
    if (bytes.empty()) {
        // The run may have been killed before it had this file.
        files::replace_durably(folder_.metrics(), std::string_view());
    } else {
        federated::cut_metrics(folder_.metrics(), round, round == options_.rounds);
    }
    tensorboard_.emplace(folder_.tensorboard(), federated::read_metrics(folder_.metrics()),
                         static_cast<std::int64_t>(std::time(nullptr)));
    return round;
}

/// Tells the display what rounds took before the run was continued, and what answers will take.
void Experiment::learn_times() {
    for (const federated::RoundSummary& round : federated::read_metrics(folder_.metrics()).rounds) {
        display_.remaining_time().learn(round);
    }
    if (options_.rouge_examples > 0) {
        const auto examples = spread_evenly(inputs_->dataset.test, options_.rouge_examples);
        display_.remaining_time().expect_answers(
            estimate_answer_seconds(llama_, examples, options_.max_new_tokens));
    }
}

void Experiment::finish_round(const federated::RoundRecord& record,
                              const federated::Federation& federation) {
    if (!serves()) return;
    files::append_durably(folder_.metrics(), federated::to_json(record).dump() + "\n");
    federated::save_checkpoint(folder_.checkpoint(),
                               {record.round, model_.parameters, federation.state()});
    tensorboard_->append(federated::summary_of(record));
    display_.remaining_time().learn(federated::summary_of(record));
    for (const federated::ClientRecord& client : record.clients) {
        if (client.failure.empty()) continue;
        warn("round " + std::to_string(record.round) + ": client " + client.name +
             " is left out: " + client.failure);
    }
    display_.clear();
    results_ << federated::round_line(record, options_.rounds) << std::endl;
}

void Experiment::finish() {
    if (options_.rounds > 0) {
        save_llama(llama_, folder_.model());
        inputs_->tokenizer.save(folder_.model());
        end_tokens_->save(folder_.model());
        files::flush_files(folder_.model());
    }
    if (options_.rouge_examples > 0) {
        const auto examples = spread_evenly(inputs_->dataset.test, options_.rouge_examples);
        const federated::AnswerRecord answers =
            answer(llama_, inputs_->tokenizer, examples,
                   {.end_tokens = end_tokens_->tokens(),
                    .max_new_tokens = options_.max_new_tokens,
                    .round = options_.rounds,
                    .final_numbers = inputs_->dataset.final_numbers},
                   observer());
        files::append_durably(folder_.metrics(), federated::to_json(answers).dump() + "\n");
        tensorboard_->append(answers);
        display_.clear();
        char text[128];
        std::snprintf(text, sizeof text, "Rouge-L %.2f %% over %lld test examples  (%.2f s)",
                      100.0 * federated::metric_of(answers.metrics, "rouge_l"),
                      static_cast<long long>(answers.examples), answers.seconds);
        results_ << text << std::endl;
        if (inputs_->dataset.final_numbers) {
            std::snprintf(text, sizeof text, "final number right in %.2f %%",
                          100.0 * federated::metric_of(answers.metrics, "exact_match"));
            results_ << text << std::endl;
        }
    }
    results_ << "run folder: " << folder_.path().string() << std::endl;
}

void Experiment::open_folder(const Json& facts) {
    if (resumed_) {
        federated::expect_facts(folder_, facts);
    } else {
        federated::begin_run(folder_, to_json(options_), facts);
    }
    claim_->keep();
    files::replace_durably(folder_.split(),
                           std::string_view(split_table(inputs_->dataset.clients)));
    results_ << options_.algorithm << ": " << facts["parameters"] << " parameters, "
             << facts["clients_per_round"] << " of " << facts["clients"] << " clients a round, "
             << facts["test_examples"] << " test examples";
    if (processes_.size() > 1) results_ << ", " << processes_.size() << " processes";
    results_ << std::endl;
    const std::string dropped = describe_dropped(inputs_->dataset.dropped);
    if (!dropped.empty()) results_ << "left out: " << dropped << std::endl;
}

void Experiment::run() {
    if (serves() && !claim_->keeps_others_out()) {
        warn(folder_.path().string() +
             ": the file system has no locks: nothing keeps other runs out of the folder");
    }
    const auto shards = shard_group(options_, processes_);
    load();
    const auto client = federated::make_client(complete_, model_, shards.get());
    const auto server = serves() ? federated::make_server(complete_, model_) : nullptr;
    std::vector<federated::ClientInfo> clients;
    for (const Client& one : inputs_->dataset.clients) {
        clients.push_back({one.name, one.examples.size()});
    }
    federated::Federation federation(
        {.model = model_,
         .clients = std::move(clients),
         .evaluate =
             [this](std::int64_t round, const federated::ProgressObserver& observe) {
                 return evaluate(llama_, inputs_->dataset.test, round, observe);
             },
         .client = *client,
         .server = server.get(),
         .processes = processes_,
         .shards = shards.get()},
        inputs_->federation);
    const Json facts = this->facts();
    if (Json::parse(federated::broadcast_text(processes_, facts.dump())) != facts) {
        throw std::runtime_error("process " + std::to_string(processes_.rank()) +
                                 ": expected the server's model and data, got others");
    }
    if (serves()) open_folder(facts);

    std::int64_t round = restore(federation);
    if (serves()) {
        if (resumed_) {
            results_ << "continues after round " << std::max<std::int64_t>(round, 0) << std::endl;
        }
        learn_times();
    }
    if (round < 0) {
        finish_round(federation.before(observer()), federation);
        round = 0;
    }
    while (round < options_.rounds) {
        finish_round(federation.run_round(round + 1, observer()), federation);
        ++round;
    }
    if (!serves()) return;
    if (federated::read_metrics(folder_.metrics()).answers.empty()) {
        finish();
    } else {
        results_ << "the run is complete: " << folder_.path().string() << std::endl;
    }
}

/// The run's options and whether it is continued, the same in all processes.
Options agreed_options(const CommandLine& line, const federated::RunFolder& folder,
                       federated::Transport& processes) {
    Options options = line.options;
    options.out = folder.path().string();
    if (!line.resume) return options;
    std::string stored;
    if (processes.rank() == 0) stored = federated::stored_options(folder).dump();
    const auto json = nlohmann::ordered_json::parse(federated::broadcast_text(processes, stored));
    return resumed_options(options_from_json(json, folder.config()), line);
}

}  // namespace

int run_experiment(const CommandLine& line, federated::Transport& processes, std::ostream& results,
                   std::ostream& progress, bool terminal) {
    const bool serves = processes.rank() == 0;
    const std::string out = line.resume                 ? line.resume->string()
                            : !line.options.out.empty() ? line.options.out
                                                        : "runs/" + line.options.algorithm;
    const federated::RunFolder folder(out);
    const std::string unread = line.resume ? std::string() : unread_options(line);
    if (serves && !unread.empty()) progress << "warning: " << unread << std::endl;
    if (line.dry_run) {
        if (!serves) return 0;
        federated::expect_no_run(folder);
        Options options = line.options;
        options.out = out;
        print_plan(options, results);
        return 0;
    }
    std::optional<federated::FolderClaim> claim;
    if (serves) {
        claim.emplace(folder);
        if (!line.resume) federated::expect_no_run(folder);
    }
    const Options options = agreed_options(line, folder, processes);
    if (options.device == "cuda") federated::expect_gpu();
    if (options.threads > 0) federated::set_threads(options.threads);
    federated::catch_interrupts();
    Experiment experiment(options, line.resume.has_value(), claim ? &*claim : nullptr, processes,
                          results, progress, terminal);
    try {
        experiment.run();
    } catch (const federated::Interrupted&) {
        if (!serves) return interrupted_exit_code;
        if (terminal) progress << '\n';
        federated::tell_how_to_continue(progress, folder, "fed_llm --resume");
        return interrupted_exit_code;
    }
    return 0;
}

}  // namespace fed_llm
