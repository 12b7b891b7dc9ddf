#include "run/experiment.hpp"

#include <cstdio>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <string>

#include "data/natural_instructions.hpp"
#include "federation/client_sampling.hpp"
#include "federation/federation.hpp"
#include "federation/stopwatch.hpp"
#include "federation/tensor_message.hpp"
#include "model/hugging_face.hpp"
#include "run/answers.hpp"
#include "run/checkpoint.hpp"
#include "run/durable_file.hpp"
#include "run/embedded_default.hpp"
#include "run/interrupt.hpp"
#include "run/make_algorithm.hpp"
#include "run/metrics.hpp"
#include "run/progress_display.hpp"
#include "run/run_folder.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

std::string hexadecimal(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

void append_tokens(std::vector<std::byte>& bytes, const Example& example) {
    ferret::append_little_endian(bytes, std::uint64_t{example.prompt_length});
    for (const std::int64_t token : example.tokens) {
        ferret::append_little_endian(bytes, static_cast<std::uint64_t>(token));
    }
}

std::uint64_t fingerprint(const FederatedDataset& dataset) {
    std::vector<std::byte> bytes;
    for (const Client& client : dataset.clients) {
        ferret::append_little_endian(bytes, std::uint64_t{client.examples.size()});
        for (const Example& example : client.examples) append_tokens(bytes, example);
    }
    for (const Example& example : dataset.test) append_tokens(bytes, example);
    return ferret::crc64(bytes);
}

std::uint64_t fingerprint(const Weights& weights) {
    std::vector<std::byte> checksums;
    for (const torch::Tensor& tensor : weights) {
        // One tensor at a time: the model may fill most of the memory.
        ferret::append_little_endian(checksums, ferret::crc64(encode_tensors({tensor})));
    }
    return ferret::crc64(checksums);
}

/// `count` of the examples, evenly spread, so that every test task keeps its share; all for 0.
std::vector<Example> spread(std::vector<Example> examples, std::int64_t count) {
    const auto wanted = static_cast<std::size_t>(count);
    if (wanted == 0 || wanted >= examples.size()) return examples;
    std::vector<Example> chosen;
    for (std::size_t i = 0; i < wanted; ++i) {
        chosen.push_back(std::move(examples[i * examples.size() / wanted]));
    }
    return chosen;
}

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
    Experiment(const Options& options, bool resumed, std::ostream& results, std::ostream& progress,
               bool terminal)
        : options_(options),
          resumed_(resumed),
          folder_(options.out),
          results_(results),
          display_(progress, terminal, options.rounds) {}

    void run();

private:
    void load();
    Json facts();
    std::int64_t restore(Algorithm& algorithm);
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
    std::ostream& results_;
    ProgressDisplay display_;

    std::optional<Tokenizer> tokenizer_;
    FederatedDataset dataset_;
    Llama llama_{nullptr};
    TrainableModel model_;
    FederationSettings federation_;
};

void Experiment::load() {
    std::filesystem::path model = options_.model;
    std::filesystem::path data = options_.data;
    if (options_.model.empty()) {
        const auto embedded = prepare_embedded_default(
            options_.cache.empty() ? folder_.embedded() : std::filesystem::path(options_.cache),
            observer());
        model = embedded.model;
        data = embedded.data;
    }
    tokenizer_.emplace(model / "tokenizer.model");
    dataset_ = load_natural_instructions(data, *tokenizer_, options_.max_length, options_.seed);
    stop_if_interrupted();
    dataset_.test = spread(std::move(dataset_.test), options_.test_examples);
    llama_ = load_llama(model);
    model_ = trainable(llama_);

    const std::size_t by_share =
        active_client_count(dataset_.clients.size(), options_.participation);
    federation_ = {.rounds = options_.rounds,
                   .clients_per_round = options_.clients_per_round > 0
                                            ? static_cast<std::size_t>(options_.clients_per_round)
                                            : by_share,
                   .seed = options_.seed,
                   .server_rate = options_.server_lr,
                   .schedule = parse_server_schedule(options_.server_schedule)};
}

Json Experiment::facts() {
    std::size_t training_examples = 0;
    for (const Client& client : dataset_.clients) training_examples += client.examples.size();
    std::int64_t parameters = 0;
    for (const auto& tensor : model_.parameters) parameters += tensor.numel();
    return {{"parameters", parameters},
            {"initial_weights", hexadecimal(fingerprint(model_.parameters))},
            {"clients", dataset_.clients.size()},
            {"clients_per_round", federation_.clients_per_round},
            {"training_examples", training_examples},
            {"test_examples", dataset_.test.size()},
            {"dropped_tasks", dataset_.dropped.tasks.size()},
            {"examples", hexadecimal(fingerprint(dataset_))}};
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
    }
    cut_metrics(folder_.metrics(), round, round == options_.rounds);
    return round;
}

void Experiment::finish_round(const RoundRecord& record, const Algorithm& algorithm) {
    append_durably(folder_.metrics(), to_json(record).dump() + "\n");
    save_checkpoint(folder_.checkpoint(), {record.round, model_.parameters, algorithm.state()});
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
        tokenizer_->save(folder_.model() / "tokenizer.model");
    }
    if (options_.rouge_examples > 0) {
        const auto examples = spread(dataset_.test, options_.rouge_examples);
        const AnswerRecord answers = answer(llama_, *tokenizer_, examples, options_.max_new_tokens,
                                            options_.rounds, observer());
        append_durably(folder_.metrics(), to_json(answers).dump() + "\n");
        display_.clear();
        char text[128];
        std::snprintf(text, sizeof text, "Rouge-L %.2f %% over %lld test examples  (%.2f s)",
                      100.0 * answers.rouge_l, static_cast<long long>(answers.examples),
                      answers.seconds);
        results_ << text << std::endl;
    }
    results_ << "run folder: " << folder_.path().string() << std::endl;
}

void Experiment::run() {
    load();
    const auto algorithm = make_algorithm(options_, model_);
    Federation federation(model_, dataset_, *algorithm, federation_);
    const Json facts = this->facts();
    if (resumed_) {
        expect_facts(folder_, facts);
    } else {
        begin_run(folder_, options_, facts);
    }
    results_ << options_.algorithm << ": " << facts["parameters"] << " parameters, "
             << facts["clients_per_round"] << " of " << facts["clients"] << " clients a round, "
             << facts["test_examples"] << " test examples" << std::endl;

    std::int64_t round = restore(*algorithm);
    if (resumed_) {
        results_ << "continues after round " << std::max<std::int64_t>(round, 0) << std::endl;
    }
    if (round < 0) {
        finish_round(federation.before(observer()), *algorithm);
        round = 0;
    }
    while (round < options_.rounds) {
        Stopwatch watch;
        finish_round(federation.run_round(round + 1, observer()), *algorithm);
        display_.round_took(watch.read());
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
    if (line.resume) {
        options = resumed_options(stored_options(RunFolder(*line.resume)), line);
    } else {
        if (options.out.empty()) options.out = "runs/" + options.algorithm;
        expect_no_run(RunFolder(options.out));
    }
    if (options.threads > 0) torch::set_num_threads(static_cast<int>(options.threads));
    catch_interrupts();
    Experiment experiment(options, line.resume.has_value(), results, progress, terminal);
    try {
        experiment.run();
    } catch (const Interrupted&) {
        const RunFolder folder(options.out);
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
