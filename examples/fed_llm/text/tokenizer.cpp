#include "text/tokenizer.hpp"

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

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const SentencePieceModel> model) : model_(std::move(model)) {}

Tokenizer::Tokenizer(const std::filesystem::path& tokenizer_model) {
    const std::string bytes = read_file(tokenizer_model, max_model_bytes);
    const SentencePieceModule& module = sentencepiece();
    try {
        model_ = module.open(bytes);
    } catch (const std::runtime_error& error) {
        throw FileError(tokenizer_model, "file", "a SentencePiece model", error.what());
    }
    if (model_->bos() < 0) throw FileError(tokenizer_model, "bos_id", "a token", "none");
    if (model_->eos() < 0) throw FileError(tokenizer_model, "eos_id", "a token", "none");
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
    const std::vector<int> tokens = model_->encode(text);
    return {tokens.begin(), tokens.end()};
}

std::string Tokenizer::decode(std::span<const std::int64_t> tokens) const {
    std::vector<int> narrow;
    for (const std::int64_t token : tokens) {
        if (token < 0 || token >= vocab_size()) {
            throw std::out_of_range("Tokenizer::decode: expected a token below " +
                                    std::to_string(vocab_size()) + ", got " +
                                    std::to_string(token));
        }
        narrow.push_back(static_cast<int>(token));
    }
    return model_->decode(narrow);
}

std::int64_t Tokenizer::bos() const {
    return model_->bos();
}
std::int64_t Tokenizer::eos() const {
    return model_->eos();
}
std::int64_t Tokenizer::vocab_size() const {
    return model_->size();
}

void Tokenizer::save(const std::filesystem::path& file) const {
    write_file(file, model_->bytes());
}

Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size) {
    if (vocab_size < 1 || vocab_size > std::numeric_limits<int>::max()) {
        throw std::invalid_argument("train_tokenizer: expected a vocab_size in 1..2^31-1, got " +
                                    std::to_string(vocab_size));
    }
    const SentencePieceModule& module = sentencepiece();
    try {
        return Tokenizer(module.open(module.train(corpus, static_cast<int>(vocab_size))));
    } catch (const std::runtime_error& error) {
        throw std::invalid_argument(std::string("train_tokenizer: ") + error.what());
    }
}

}  // namespace fed_llm
