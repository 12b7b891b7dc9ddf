#include "text/sentencepiece_tokenizer.hpp"

#include <dlfcn.h>

#include <limits>
#include <stdexcept>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "text/sentencepiece_module.hpp"

namespace fed_llm {
namespace {

constexpr std::uint64_t max_model_bytes = std::uint64_t{1} << 30;

const SentencePieceModule* load_module() {
    int flags = RTLD_NOW | RTLD_LOCAL;
#ifdef RTLD_DEEPBIND
    flags |= RTLD_DEEPBIND;  // SentencePiece finds its own protobuf before LibTorch's
#endif
    void* library = dlopen(FED_LLM_SENTENCEPIECE_MODULE, flags);
    void* symbol = library == nullptr ? nullptr : dlsym(library, sentencepiece_module_symbol);
    if (symbol == nullptr) {
        throw std::runtime_error(std::string("SentencePiece could not be loaded: ") + dlerror());
    }
    return reinterpret_cast<const SentencePieceModule* (*)()>(symbol)();
}

const SentencePieceModule& sentencepiece() {
    static const SentencePieceModule* module = load_module();
    return *module;
}

class SentencePieceTokenizer : public TokenizerModel {
public:
    explicit SentencePieceTokenizer(std::unique_ptr<SentencePieceModel> model)
        : model_(std::move(model)) {}

    std::vector<std::int64_t> encode(std::string_view text) const override {
        const std::vector<int> tokens = model_->encode(text);
        return {tokens.begin(), tokens.end()};
    }

    std::string decode(std::span<const std::int64_t> tokens) const override {
        std::vector<int> known;
        for (const std::int64_t token : tokens) {
            if (token >= 0 && token < vocab_size()) known.push_back(static_cast<int>(token));
        }
        return model_->decode(known);
    }

    std::optional<std::int64_t> bos() const override { return model_->bos(); }
    std::int64_t eos() const override { return model_->eos(); }
    std::int64_t vocab_size() const override { return model_->size(); }
    TokenizerFiles files() const override { return {{"tokenizer.model", model_->bytes()}}; }

private:
    std::unique_ptr<SentencePieceModel> model_;
};

}  // namespace

std::shared_ptr<const TokenizerModel> open_sentencepiece(const std::filesystem::path& file) {
    const std::string bytes = read_file(file, max_model_bytes);
    const SentencePieceModule& module = sentencepiece();
    std::unique_ptr<SentencePieceModel> model;
    try {
        model = module.open(bytes);
    } catch (const std::runtime_error& error) {
        throw FileError(file, "file", "a SentencePiece model", error.what());
    }
    if (model->bos() < 0) throw FileError(file, "bos_id", "a token", "none");
    if (model->eos() < 0) throw FileError(file, "eos_id", "a token", "none");
    return std::make_shared<SentencePieceTokenizer>(std::move(model));
}

Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size) {
    if (vocab_size < 1 || vocab_size > std::numeric_limits<int>::max()) {
        throw std::invalid_argument("train_tokenizer: expected a vocab_size in 1..2^31-1, got " +
                                    std::to_string(vocab_size));
    }
    const SentencePieceModule& module = sentencepiece();
    try {
        return Tokenizer(std::make_shared<SentencePieceTokenizer>(
            module.open(module.train(corpus, static_cast<int>(vocab_size)))));
    } catch (const std::runtime_error& error) {
        throw std::invalid_argument(std::string("train_tokenizer: ") + error.what());
    }
}

}  // namespace fed_llm
