#include "kd_lora/inputs/embedded_default.hpp"

#include <stdexcept>

#include "files/file_error.hpp"
#include "hugging_face/tokenizer/word_piece.hpp"
#include "kd_lora/data/data_set.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace federated;
using namespace kd_lora;

TEST_CASE("an interrupted warm-up leaves nothing behind") {
    const TemporaryFolder folder;
    const auto stop = [](const Progress& progress) {
        CHECK(progress.phase == Progress::Phase::warm_up);
        CHECK(progress.done == 1);
        throw std::runtime_error("stop");
    };
    CHECK_THROWS_WITH(prepare_embedded_default(folder.path() / "embedded", stop), "stop");
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK_FALSE(has_embedded_default(folder.path() / "embedded"));
}

TEST_CASE("models and sentences are what the program reads") {
    const TemporaryFolder folder;
    const EmbeddedDefault made = prepare_untrained_default(folder.path());
    CHECK(has_embedded_default(folder.path()));
    CHECK(prepare_embedded_default(folder.path(), {}).student == made.student);

    const DataSet data = load_data_set({.name = "tsv", .path = made.data});
    CHECK(data.train.size() == 4000);
    CHECK(data.validation.size() == 400);
    CHECK(data.labels == 2);
    const hugging_face::WordPiece tokenizer(made.student);
    for (const auto& example : data.validation) {
        for (const std::int64_t token : tokenizer.encode(example.sentence)) CHECK(token != 1);
    }
    CHECK(tokenizer.encode("deeply").size() == 4);  // deep ##ly between [CLS] and [SEP]

    const SequenceClassifier teacher = load_classifier(made.teacher);
    const SequenceClassifier student = load_classifier(made.student);
    CHECK(teacher.config().family == BertFamily::bert);
    CHECK(student.config().family == BertFamily::distilbert);
    CHECK(student.config().vocab_size == tokenizer.vocab_size());
    CHECK(student.config().num_hidden_layers == 2);
}

TEST_CASE("a folder with other files is left alone") {
    const TemporaryFolder folder;
    folder.write("notes.txt", "");
    CHECK_THROWS_AS(prepare_embedded_default(folder.path(), [](const Progress&) {}),
                    files::FileError);
}
