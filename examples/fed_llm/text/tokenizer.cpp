#include "text/tokenizer.hpp"

#include <array>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "text/byte_level_tokenizer.hpp"
#include "text/sentencepiece_tokenizer.hpp"

namespace fed_llm {
namespace {

constexpr std::uint64_t max_companion_bytes = 16 << 20;

constexpr std::array<const char*, 5> companion_names{
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
    "generation_config.json"};

std::shared_ptr<const TokenizerModel> open(const std::filesystem::path& folder) {
    if (std::filesystem::exists(folder / "tokenizer.model")) {
        return open_sentencepiece(folder / "tokenizer.model");
    }
    if (std::filesystem::exists(folder / "tokenizer.json")) return open_byte_level(folder);
    throw FileError(folder, "tokenizer", "tokenizer.model or tokenizer.json", "neither");
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerModel> model) : model_(std::move(model)) {}

Tokenizer::Tokenizer(const std::filesystem::path& folder) : model_(open(folder)) {
    for (const char* name : companion_names) {
        if (std::filesystem::exists(folder / name)) {
            companions_.emplace(name, read_file(folder / name, max_companion_bytes));
        }
    }
}

std::vector<std::int64_t> Tokenizer::encode(std::string_view text) const {
    return model_->encode(text);
}

std::string Tokenizer::decode(std::span<const std::int64_t> tokens) const {
    return model_->decode(tokens);
}

std::optional<std::int64_t> Tokenizer::bos() const {
    return model_->bos();
}

std::int64_t Tokenizer::eos() const {
    return model_->eos();
}

std::int64_t Tokenizer::vocab_size() const {
    return model_->vocab_size();
}

void Tokenizer::save(const std::filesystem::path& folder) const {
    create_folder(folder);
    for (const auto& [name, bytes] : model_->files()) write_file(folder / name, bytes);
    for (const auto& [name, bytes] : companions_) write_file(folder / name, bytes);
}

}  // namespace fed_llm
