#include "kd_lora/inputs/embedded_default.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federated/store/make_once.hpp"
#include "files/file.hpp"
#include "hugging_face/tokenizer/word_piece.hpp"
#include "kd_lora/inputs/small_models.hpp"
#include "kd_lora/inputs/synthetic_sentences.hpp"
#include "kd_lora/inputs/warm_up.hpp"
#include "kd_lora/model/classifier_folder.hpp"

namespace kd_lora {
namespace {

constexpr std::uint64_t embedded_seed = 20240214;
constexpr std::size_t training_sentences = 4000;
constexpr std::size_t validation_sentences = 400;
constexpr std::size_t warm_up_sentences = 8000;
constexpr std::int64_t teacher_steps = 400;
constexpr std::int64_t student_steps = 200;
constexpr double warm_up_rate = 1.5e-3;
constexpr std::int64_t max_length = 64;

EmbeddedDefault parts_of(const std::filesystem::path& folder) {
    return {folder / "teacher", folder / "student", folder / "data"};
}

void write_vocabulary(const std::vector<LabelledExample>& sentences,
                      const std::filesystem::path& folder) {
    std::string lines;
    for (const std::string& piece : word_pieces(sentences)) lines += piece + "\n";
    const nlohmann::ordered_json config = {{"do_lower_case", true},
                                           {"model_max_length", max_length},
                                           {"tokenizer_class", "BertTokenizer"}};
    files::create_folder(folder);
    files::write_file(folder / "vocab.txt", lines);
    files::write_file(folder / "tokenizer_config.json", config.dump(2) + "\n");
}

/// Sentences, vocabulary, and the teacher before its warm-up.
struct Untrained {
    std::vector<LabelledExample> sentences;
    hugging_face::WordPiece tokenizer;
    SequenceClassifier teacher;
};

Untrained make_untrained(const std::filesystem::path& folder) {
    std::vector<LabelledExample> sentences =
        synthetic_sentences(embedded_seed, "train", training_sentences);
    const EmbeddedDefault parts = parts_of(folder);
    files::create_folder(parts.data);
    files::write_file(parts.data / "train.tsv", to_tsv(sentences));
    files::write_file(
        parts.data / "dev.tsv",
        to_tsv(synthetic_sentences(embedded_seed, "validation", validation_sentences)));
    write_vocabulary(sentences, parts.teacher);
    hugging_face::WordPiece tokenizer(parts.teacher);
    SequenceClassifier teacher = small_teacher(tokenizer.vocab_size(), embedded_seed);
    return {std::move(sentences), std::move(tokenizer), std::move(teacher)};
}

void save(const Untrained& made, const SequenceClassifier& student,
          const std::filesystem::path& folder) {
    const EmbeddedDefault parts = parts_of(folder);
    save_classifier(made.teacher, parts.teacher);
    save_classifier(student, parts.student);
    made.tokenizer.save(parts.student);
}

void make(const std::filesystem::path& folder, const federated::ProgressObserver& observe) {
    Untrained made = make_untrained(folder);
    const std::vector<EncodedExample> examples =
        encode(synthetic_emoticons(embedded_seed, "warm-up", warm_up_sentences),
               [&](std::string_view sentence) { return made.tokenizer.encode(sentence); });
    std::int64_t done = 0;
    const auto on_step = [&](double loss) {
        observe({.phase = federated::Progress::Phase::warm_up,
                 .done = ++done,
                 .total = teacher_steps + student_steps,
                 .loss = loss});
    };
    warm_up(made.teacher, examples, {.steps = teacher_steps, .learning_rate = warm_up_rate},
            embedded_seed, on_step);
    SequenceClassifier student = half_the_layers(made.teacher, embedded_seed);
    warm_up(student, examples, {.steps = student_steps, .learning_rate = warm_up_rate},
            embedded_seed, on_step);
    save(made, student, folder);
}

}  // namespace

bool has_embedded_default(const std::filesystem::path& folder) {
    return std::filesystem::exists(parts_of(folder).student / "config.json");
}

EmbeddedDefault prepare_embedded_default(const std::filesystem::path& folder,
                                         const federated::ProgressObserver& observe) {
    federated::make_once(
        folder,
        {.what = "an embedded default",
         .is_made = has_embedded_default,
         .make = [&](const std::filesystem::path& unfinished) { make(unfinished, observe); }},
        observe);
    return parts_of(folder);
}

EmbeddedDefault prepare_untrained_default(const std::filesystem::path& folder) {
    const Untrained made = make_untrained(folder);
    save(made, half_the_layers(made.teacher, embedded_seed), folder);
    return parts_of(folder);
}

}  // namespace kd_lora
