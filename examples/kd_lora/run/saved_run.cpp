#include "kd_lora/run/saved_run.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "files/durable_file.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/report/flower_history.hpp"
#include "kd_lora/run/models.hpp"

namespace kd_lora {
namespace {

Scores scores_in(const std::vector<federated::Metric>& metrics, const std::string& prefix) {
    return {federated::metric_of(metrics, prefix + "accuracy"),
            federated::metric_of(metrics, prefix + "matthews"),
            federated::metric_of(metrics, prefix + "loss")};
}

/// The measured seconds are those of all halves of a run that was continued.
void save_history(const Options& options, const federated::RunFolder& run) {
    std::vector<HistoryRound> rounds;
    double seconds = 0.0;
    for (const federated::RoundSummary& round : federated::read_metrics(run.metrics()).rounds) {
        HistoryRound& added = rounds.emplace_back(round.round, scores_in(round.metrics, ""));
        if (has_teacher(scheme_of(options))) added.teacher = scores_in(round.metrics, "teacher_");
        seconds += round.training_seconds + round.projection_seconds + round.aggregation_seconds +
                   round.evaluation_seconds;
    }
    write_flower_history(flower_history(to_json(options), rounds, seconds), run.path() / "results",
                         flower_file_name(std::chrono::system_clock::now()));
}

}  // namespace

std::filesystem::path adapter_folder(const federated::RunFolder& run) {
    return run.path() / "adapter";
}

std::filesystem::path teacher_folder(const federated::RunFolder& run) {
    return run.path() / "teacher";
}

void save_with_tokenizer(const SequenceClassifier& model, const hugging_face::WordPiece& tokenizer,
                         const std::filesystem::path& folder) {
    save_classifier(model, folder);
    tokenizer.save(folder);
    files::flush_files(folder);
}

void save_results(const Options& options, const federated::RunFolder& run,
                  const std::filesystem::path& base, SequenceClassifier& student,
                  const SequenceClassifier* teacher, const hugging_face::WordPiece& tokenizer) {
    save_history(options, run);
    if (teacher != nullptr) save_with_tokenizer(*teacher, tokenizer, teacher_folder(run));
    if (has_adapters(scheme_of(options))) {
        save_adapter(student, lora_settings(options), adapter_folder(run), base.string());
        files::flush_files(adapter_folder(run));
        merge_lora(student);
    }
    // The last: it tells that all is there.
    save_with_tokenizer(student, tokenizer, run.model());
}

}  // namespace kd_lora
