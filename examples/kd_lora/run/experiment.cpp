#include "kd_lora/run/experiment.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "federated/federation/federation.hpp"
#include "federated/model/threads.hpp"
#include "federated/model/weights.hpp"
#include "federated/projection/gpu_projection.hpp"
#include "federated/report/progress_display.hpp"
#include "federated/report/round_line.hpp"
#include "federated/round/interrupt.hpp"
#include "federated/store/checkpoint.hpp"
#include "federated/store/folder_claim.hpp"
#include "federated/store/metrics.hpp"
#include "federated/store/run_folder.hpp"
#include "federated/store/tensorboard.hpp"
#include "federated/transport/text.hpp"
#include "files/durable_file.hpp"
#include "files/file.hpp"
#include "kd_lora/estimates/dry_run.hpp"
#include "kd_lora/evaluation/evaluate.hpp"
#include "kd_lora/inputs/embedded_default.hpp"
#include "kd_lora/inputs/run_inputs.hpp"
#include "kd_lora/model/trainable_classifier.hpp"
#include "kd_lora/run/models.hpp"
#include "kd_lora/run/saved_run.hpp"
#include "kd_lora/run/scheme_roles.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;

/// A run from its options to its last line of metrics, or in a process that is not the server's, its part
/// of it. Only the server's process has a run folder, a teacher, and tells anything.
class Experiment {
public:
    /// `claim` is that of the folder options.out, null in all processes but the server's. It and
    /// `processes` outlive the object.
    Experiment(const Options& options, bool resumed, federated::FolderClaim* claim,
               federated::Transport& processes, std::ostream& results, std::ostream& progress,
               bool terminal)
        : options_(options),
          scheme_(scheme_of(options)),
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
    EmbeddedDefault embedded_default();
    void load();
    Json facts() const;
    void open_folder(const Json& facts);
    std::int64_t restore(federated::Federation& federation);
    std::vector<federated::Metric> evaluate_models(std::int64_t round,
                                                   const federated::ProgressObserver& observe);
    void evaluate_client(const federated::Weights& update);
    void finish_round(const federated::RoundRecord& record,
                      const federated::Federation& federation);

    federated::ProgressObserver observer() {
        return [this](const federated::Progress& progress) {
            if (serves()) display_.show(progress);
            federated::stop_if_interrupted();
        };
    }

    Options options_;
    Scheme scheme_;
    bool resumed_;
    federated::RunFolder folder_;
    federated::FolderClaim* claim_;
    federated::Transport& processes_;
    std::ostream& results_;
    federated::ProgressDisplay display_;

    std::optional<federated::TensorBoardLog> tensorboard_;
    Folders folders_;
    std::optional<RunInputs> inputs_;
    std::optional<SequenceClassifier> student_;
    std::optional<SequenceClassifier> teacher_;
    federated::TrainableModel model_;
    federated::AlgorithmOptions complete_;  ///< with what options_ leaves to the program
    std::vector<Scores>
        client_scores_;  ///< of the round's clients so far, where they are evaluated
};

/// Made by the server's process, and read by all.
EmbeddedDefault Experiment::embedded_default() {
    EmbeddedDefault made;
    if (serves()) {
        claim_->will_make(folder_.embedded());
        made = prepare_embedded_default(
            options_.cache.empty() ? folder_.embedded() : std::filesystem::path(options_.cache),
            observer());
        display_.clear();
    }
    return {federated::broadcast_text(processes_, made.teacher.string()),
            federated::broadcast_text(processes_, made.student.string()),
            federated::broadcast_text(processes_, made.data.string())};
}

void Experiment::load() {
    folders_ = folders_of(options_, [this] { return embedded_default(); });
    inputs_.emplace(load_inputs(options_, Command::run, folders_, federated::stop_if_interrupted));
    const auto warning = [this](const std::string& message) { warn(message); };
    student_.emplace(load_student(options_, folders_.student, inputs_->labels, warning));
    if (serves() && has_teacher(scheme_)) {
        teacher_.emplace(load_teacher(options_, folders_.teacher, inputs_->labels, warning));
    }
    federated::stop_if_interrupted();
    model_ = trainable(*student_, training_source(options_, *inputs_), inputs_->shares.clients);
    complete_ = algorithm_options(options_, model_);
}

Json Experiment::facts() const {
    return {{"parameters", federated::parameter_count(model_.parameters)},
            {"initial_student", fingerprint_of(*student_)},
            {"clients", inputs_->shares.clients.size()},
            {"budget", complete_.budget},
            {"budget_down", complete_.budget_down},
            {"coordinates", complete_.coordinates},
            {"coordinates_down", complete_.coordinates_down},
            {"public_examples", inputs_->shares.server.size()},
            {"validation_examples", inputs_->validation.size()},
            {"training_data", fingerprint(inputs_->train)},
            {"validation_data", fingerprint(inputs_->validation)}};
}

void Experiment::open_folder(const Json& facts) {
    if (resumed_) {
        federated::expect_facts(folder_, facts);
    } else {
        federated::begin_run(folder_, to_json(options_), facts);
    }
    claim_->keep();
    files::replace_durably(folder_.split(), std::string_view(inputs_->table));
    results_ << options_.scheme << ": " << facts["parameters"] << " parameters tuned, "
             << facts["clients"] << " clients, " << facts["public_examples"] << " public examples, "
             << facts["validation_examples"] << " validation examples";
    if (processes_.size() > 1) results_ << ", " << processes_.size() << " processes";
    results_ << std::endl;
}

/// Puts the models, the federation and metrics.jsonl where the last full round left them. Returns
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
        federated::cut_metrics(folder_.metrics(), round, /*keep_answers=*/false);
    }
    const federated::Metrics metrics = federated::read_metrics(folder_.metrics());
    tensorboard_.emplace(folder_.tensorboard(), metrics,
                         static_cast<std::int64_t>(std::time(nullptr)));
    for (const federated::RoundSummary& past : metrics.rounds) {
        display_.remaining_time().learn(past);
    }
    return round;
}

std::vector<federated::Metric> Experiment::evaluate_models(
    std::int64_t round, const federated::ProgressObserver& observe) {
    const ExampleSource source = validation_source(options_, *inputs_);
    const auto total = static_cast<std::int64_t>(source.examples.size()) * (teacher_ ? 2 : 1);
    std::int64_t before = 0;
    std::vector<federated::Metric> metrics;
    const auto add = [&](const SequenceClassifier& model, const std::string& prefix) {
        const Scores scores = evaluate(model, source, [&](std::int64_t done, std::int64_t) {
            observe({.phase = federated::Progress::Phase::evaluation,
                     .round = round,
                     .done = before + done,
                     .total = total});
        });
        before += static_cast<std::int64_t>(source.examples.size());
        for (federated::Metric& metric : metrics_of(scores, prefix)) {
            metrics.push_back(std::move(metric));
        }
    };
    add(*student_, "");
    if (teacher_) add(*teacher_, "teacher_");
    if (!client_scores_.empty()) {
        Scores mean;
        const auto count = static_cast<double>(client_scores_.size());
        for (const Scores& scores : std::exchange(client_scores_, {})) {
            mean.accuracy += scores.accuracy / count;
            mean.matthews += scores.matthews / count;
            mean.loss += scores.loss / count;
        }
        for (federated::Metric& metric : metrics_of(mean, "clients_")) {
            metrics.push_back(std::move(metric));
        }
    }
    return metrics;
}

/// What the client's own model, of which the server has the update, makes of the validation set.
void Experiment::evaluate_client(const federated::Weights& update) {
    const federated::Weights before = federated::clone_weights(model_.parameters);
    federated::add_weights(model_.parameters, update, -1.0);
    client_scores_.push_back(
        evaluate(*student_, validation_source(options_, *inputs_),
                 [](std::int64_t, std::int64_t) { federated::stop_if_interrupted(); }));
    federated::assign_weights(model_.parameters, before);
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

void Experiment::run() {
    if (serves() && !claim_->keeps_others_out()) {
        warn(folder_.path().string() +
             ": the file system has no locks: nothing keeps other runs out of the folder");
    }
    load();
    const auto client = make_client(options_, complete_, *inputs_, *student_, model_);
    UpdateObserver on_update;
    if (options_.evaluate_clients == "yes") {
        on_update = [this](const federated::Weights& update) { evaluate_client(update); };
    }
    const auto server =
        serves() ? make_server(options_, complete_, *inputs_, *student_,
                               teacher_ ? &*teacher_ : nullptr, model_, on_update, observer())
                 : nullptr;
    std::vector<federated::ClientInfo> clients;
    for (const std::vector<std::size_t>& rows : inputs_->shares.clients) {
        clients.push_back({std::to_string(clients.size() + 1), rows.size()});
    }
    const std::size_t count = clients.size();
    federated::Federation federation(
        {.model = model_,
         .clients = std::move(clients),
         .evaluate =
             [this](std::int64_t round, const federated::ProgressObserver& observe) {
                 return evaluate_models(round, observe);
             },
         .client = *client,
         .server = server.get(),
         .processes = processes_},
        {.rounds = options_.rounds,
         .clients_per_round = count,
         .seed = options_.seed,
         .server_rate = federated::server_rate_of(options_),
         .schedule = federated::choose(federated::server_schedules, "server-schedule",
                                       options_.server_schedule)});
    Json facts = this->facts();
    if (Json::parse(federated::broadcast_text(processes_, facts.dump())) != facts) {
        throw std::runtime_error("process " + std::to_string(processes_.rank()) +
                                 ": expected the server's model and data, got others");
    }
    if (teacher_) facts["initial_teacher"] = fingerprint_of(*teacher_);
    if (serves()) open_folder(facts);

    std::int64_t round = restore(federation);
    if (serves() && resumed_) {
        results_ << "continues after round " << std::max<std::int64_t>(round, 0) << std::endl;
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
    if (options_.rounds > 0 && !std::filesystem::exists(folder_.model())) {
        save_results(options_, folder_, folders_.student, *student_,
                     teacher_ ? &*teacher_ : nullptr, inputs_->tokenizer);
    }
    results_ << "run folder: " << folder_.path().string() << std::endl;
}

/// The run's options and whether it is continued, the same in all processes.
Options agreed_options(const CommandLine& line, const federated::RunFolder& folder,
                       federated::Transport& processes) {
    Options options = line.options;
    options.out = folder.path().string();
    if (!line.resume) return options;
    std::string stored;
    if (processes.rank() == 0) stored = federated::stored_options(folder).dump();
    const auto json = Json::parse(federated::broadcast_text(processes, stored));
    return resumed_options(options_from_json(json, folder.config()), line);
}

}  // namespace

int run_experiment(const CommandLine& line, federated::Transport& processes, std::ostream& results,
                   std::ostream& progress, bool terminal) {
    const bool serves = processes.rank() == 0;
    const std::string out = line.resume                 ? line.resume->string()
                            : !line.options.out.empty() ? line.options.out
                                                        : "runs/" + line.options.scheme;
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
        federated::tell_how_to_continue(progress, folder, "kd_lora run --resume");
        return interrupted_exit_code;
    }
    return 0;
}

}  // namespace kd_lora
