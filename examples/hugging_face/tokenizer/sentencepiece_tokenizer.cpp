#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "files/file_error.hpp"
#include "hugging_face/tokenizer/added_tokens.hpp"
#include "hugging_face/tokenizer/named_token.hpp"
#include "hugging_face/tokenizer/sentencepiece_module.hpp"
#include "hugging_face/tokenizer/tiktoken.hpp"
#include "hugging_face/tokenizer/tokenizer_config.hpp"
#include "hugging_face/tokenizer/tokenizer_json.hpp"

namespace hugging_face {
namespace {

constexpr std::uint64_t max_json_bytes = std::uint64_t{1} << 28;

const SentencePieceModule* load_module() {
    int flags = RTLD_NOW | RTLD_LOCAL;
#ifdef RTLD_DEEPBIND
    flags |= RTLD_DEEPBIND;  // SentencePiece finds its own protobuf before LibTorch's
#endif
    void* library = dlopen(HUGGING_FACE_SENTENCEPIECE_MODULE, flags);
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

/// Where the space goes that SentencePiece puts before a text.
enum class Prefix { never, at_start, everywhere };

Prefix read_prefix(const TokenizerConfig& config) {
    config["sp_model_kwargs"].only(nlohmann::json::object());  // they ask for random pieces
    const bool everywhere = config["legacy"].boolean();
    if (!config["add_prefix_space"].boolean(true)) return Prefix::never;
    return everywhere ? Prefix::everywhere : Prefix::at_start;
}

class SentencePieceTokenizer : public TokenizerModel {
public:
    SentencePieceTokenizer(std::unique_ptr<SentencePieceModel> model, const TokenizerConfig& config,
                           const JsonNode& tokenizer_json)
        : model_(std::move(model)), prefix_(read_prefix(config)) {
        const FindToken by_name = [this](const std::string& name) { return find(name); };
        std::vector<NamedToken> named = config.added_tokens();
        for (NamedToken& token : read_added_tokens(tokenizer_json)) {
            named.push_back(std::move(token));
        }
        for (const NamedToken& token :
             fit_to_vocabulary(std::move(named), model_->size(), by_name)) {
            add(token.content, token.id, token.special);
        }
        std::set<std::string> special = config.special_tokens();
        for (const int token : {model_->unknown(), model_->bos(), model_->eos()}) {
            if (token >= 0) special.insert(model_->name(token));
        }
        for (const std::string& name : special) {
            if (const auto token = find(name)) add(name, *token, true);
        }
        bos_ = bos_of(config, tokenizer_json["post_processor"], by_name);
        const int eos = model_->eos();
        eos_ = config.eos(by_name, eos < 0 ? std::nullopt : std::optional<std::int64_t>(eos),
                          vocab_size());
    }

    std::vector<std::int64_t> encode(std::string_view text) const override {
        std::vector<std::int64_t> tokens;
        for (const auto& segment : cut_.split(text)) {
            if (segment.token >= 0) {
                tokens.push_back(segment.token);
                continue;
            }
            const bool first = segment.text.data() == text.data();
            const bool prefix =
                prefix_ == Prefix::everywhere || (prefix_ == Prefix::at_start && first);
            const std::vector<int> pieces = model_->encode(segment.text, prefix);
            tokens.insert(tokens.end(), pieces.begin(), pieces.end());
        }
        return tokens;
    }

    std::string decode(std::span<const std::int64_t> tokens) const override {
        std::string text;
        std::vector<int> pieces;
        const auto decode_pieces = [&] {
            text += model_->decode(pieces, text.empty() && prefix_ != Prefix::never);
            pieces.clear();
        };
        for (const std::int64_t token : tokens) {
            const auto added = added_.find(token);
            if (added == added_.end()) {
                if (token >= 0 && token < model_->size()) pieces.push_back(static_cast<int>(token));
            } else if (!added->second.special) {
                decode_pieces();
                text += added->second.content;
            }
        }
        decode_pieces();
        return text;
    }

    std::optional<std::int64_t> bos() const override { return bos_; }
    std::int64_t eos() const override { return eos_; }
    std::int64_t vocab_size() const override { return vocab_size_; }
    TokenizerFiles files() const override { return {{"tokenizer.model", model_->bytes()}}; }

private:
    struct Added {
        std::string content;
        bool special;
    };

    void add(const std::string& content, std::int64_t token, bool special) {
        const auto [known, fresh] = added_.try_emplace(token, Added{content, special});
        if (fresh) {
            cut_.add(content, token);
            added_numbers_.emplace(content, token);
        }
        known->second.special = known->second.special || special;
        vocab_size_ = std::max(vocab_size_, token + 1);
    }

    std::optional<std::int64_t> find(const std::string& name) const {
        if (const int piece = model_->find(name); piece >= 0) return piece;
        const auto added = added_numbers_.find(name);
        return added == added_numbers_.end() ? std::nullopt : std::optional(added->second);
    }

    std::optional<std::int64_t> bos_of(const TokenizerConfig& config,
                                       const JsonNode& post_processor,
                                       const FindToken& by_name) const {
        const JsonNode wanted = config["add_bos_token"];
        if (!wanted.boolean(true)) return std::nullopt;
        if (wanted.is_null() && !post_processor.is_absent()) {
            return read_first_token(post_processor, vocab_size_);
        }
        const JsonNode name = config.special_token("bos_token");
        if (const auto token = token_of(name, by_name)) return token;
        if (name.is_null() && !name.is_absent()) {
            if (wanted.is_null()) return std::nullopt;
            name.refuse("the text of a token, as add_bos_token is true");
        }
        if (model_->bos() >= 0) return model_->bos();
        wanted.refuse("false, as tokenizer.model has no BOS");
    }

    std::unique_ptr<SentencePieceModel> model_;
    Prefix prefix_;
    AddedTokens cut_;
    std::unordered_map<std::int64_t, Added> added_;
    std::unordered_map<std::string, std::int64_t> added_numbers_;
    std::int64_t vocab_size_ = model_->size();
    std::optional<std::int64_t> bos_;
    std::int64_t eos_ = 0;
};

/// What a file that is no SentencePiece model may be.
std::string looks_like(std::string_view bytes) {
    if (bytes.empty()) return "an empty file";
    if (const std::size_t lines = read_tiktoken_lines(bytes).count; lines > 0) {
        return "the format of Llama 3 (base64 tokens and ranks), broken off after line " +
               std::to_string(lines);
    }
    if (bytes.front() == '{') return "a JSON file";
    if (bytes.front() == '<') return "an HTML or XML file";
    constexpr char first_tag = 0x0A;  // of the first piece
    if (bytes.front() == first_tag) return "one that is cut off or damaged";
    return "a file of another kind";
}

}  // namespace

std::shared_ptr<const TokenizerModel> open_sentencepiece(const std::filesystem::path& folder,
                                                         const std::string& model) {
    const SentencePieceModule& module = sentencepiece();
    std::unique_ptr<SentencePieceModel> opened;
    try {
        opened = module.open(model);
    } catch (const std::runtime_error&) {
        throw files::FileError(folder / "tokenizer.model", "file", "a SentencePiece model",
                               looks_like(model));
    }
    const JsonFile tokenizer_json(folder / "tokenizer.json", max_json_bytes);
    return std::make_shared<SentencePieceTokenizer>(std::move(opened), TokenizerConfig(folder),
                                                    tokenizer_json.root());
}

Tokenizer train_tokenizer(const std::vector<std::string>& corpus, std::int64_t vocab_size) {
    if (vocab_size < 1 || vocab_size > std::numeric_limits<int>::max()) {
        throw std::invalid_argument("train_tokenizer: expected a vocab_size in 1..2^31-1, got " +
                                    std::to_string(vocab_size));
    }
    const SentencePieceModule& module = sentencepiece();
    try {
        return Tokenizer(std::make_shared<SentencePieceTokenizer>(
            module.open(module.train(corpus, static_cast<int>(vocab_size))), TokenizerConfig(),
            JsonFile().root()));
    } catch (const std::runtime_error& error) {
        throw std::invalid_argument(std::string("train_tokenizer: ") + error.what());
    }
}

}  // namespace hugging_face
