#include "kd_lora/inputs/run_inputs.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "kd_lora/model/bert_config.hpp"

namespace kd_lora {
namespace {

constexpr std::uint64_t max_vocabulary_bytes = std::uint64_t{1} << 26;

/// Both models read the same tokens.
void expect_one_vocabulary(const std::filesystem::path& student,
                           const std::filesystem::path& teacher) {
    const auto vocabulary = [](const std::filesystem::path& folder) {
        return files::read_file(folder / "vocab.txt", max_vocabulary_bytes);
    };
    if (vocabulary(teacher) != vocabulary(student)) {
        throw files::FileError(teacher / "vocab.txt", "",
                               "the vocabulary of " + (student / "vocab.txt").string(), "another");
    }
}

/// `count` of the examples, evenly spread; all for 0.
std::vector<EncodedExample> spread_evenly(std::vector<EncodedExample> examples,
                                          std::int64_t count) {
    const auto wanted = static_cast<std::size_t>(count);
    if (wanted == 0 || wanted >= examples.size()) return examples;
    std::vector<EncodedExample> chosen;
    for (std::size_t i = 0; i < wanted; ++i) {
        chosen.push_back(std::move(examples[i * examples.size() / wanted]));
    }
    return chosen;
}

/// The most tokens that the model of the folder takes. Throws: FileError where its vocabulary is smaller
/// than the tokenizer's
std::int64_t limit_of(const std::filesystem::path& folder, std::int64_t vocabulary) {
    const BertConfig config = read_bert_config(folder / "config.json");
    if (config.vocab_size < vocabulary) {
        throw files::FileError(
            folder / "config.json", "vocab_size",
            "at least the " + std::to_string(vocabulary) + " tokens of vocab.txt",
            std::to_string(config.vocab_size));
    }
    return config.max_position_embeddings;
}

hugging_face::WordPiece make_tokenizer(const Options& options, const Folders& folders) {
    const std::filesystem::path& first =
        folders.student.empty() ? folders.teacher : folders.student;
    if (!folders.student.empty() && !folders.teacher.empty()) {
        expect_one_vocabulary(folders.student, folders.teacher);
    }
    const hugging_face::WordPiece unlimited(first);
    std::int64_t length = hugging_face::WordPiece::any_length;
    for (const std::filesystem::path& folder : {folders.student, folders.teacher}) {
        if (!folder.empty()) length = std::min(length, limit_of(folder, unlimited.vocab_size()));
    }
    if (options.max_length > 0) length = std::min(length, options.max_length);
    return hugging_face::WordPiece(first, length);
}

}  // namespace

Folders folders_of(const Options& options, const MakeDefault& make_default) {
    Folders folders{options.model, options.teacher, options.data};
    if (options.model.empty()) {
        const EmbeddedDefault made = make_default();
        folders = {made.student, made.teacher, made.data};
    }
    if (!has_teacher(scheme_of(options))) folders.teacher.clear();
    return folders;
}

std::int64_t public_percent_of(const Options& options) {
    return options.public_percent >= 0
               ? options.public_percent
               : default_public_percent(static_cast<std::size_t>(options.clients));
}

RunInputs load_inputs(const Options& options, Command command, const Folders& folders,
                      const std::function<void()>& on_example) {
    hugging_face::WordPiece tokenizer = make_tokenizer(options, folders);
    const DataSet data =
        load_data_set({.name = options.dataset, .path = folders.data, .seed = options.seed});
    const ShareSettings settings{.split = federated::choose(splits, "split", options.split),
                                 .clients = static_cast<std::size_t>(options.clients),
                                 .public_percent = public_percent_of(options),
                                 .alpha = options.split_alpha,
                                 .seed = options.seed};
    Shares shares =
        command == Command::run
            ? make_shares(data.train, settings)
            : Shares{.server = public_share(data.train.size(), settings), .clients = {}};
    std::string table = share_table(data.train, shares, data.labels);
    const Tokenize tokenize = [&](std::string_view sentence) { return tokenizer.encode(sentence); };
    std::vector<EncodedExample> train = encode(data.train, tokenize, on_example);
    std::vector<EncodedExample> validation =
        spread_evenly(encode(data.validation, tokenize, on_example), options.test_examples);
    return {std::move(tokenizer), std::move(train),  std::move(validation),
            data.labels,          std::move(shares), std::move(table)};
}

}  // namespace kd_lora
