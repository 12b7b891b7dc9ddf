#include "hugging_face/tokenizer/tokenizer.hpp"

#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/tokenizer/byte_level_tokenizer.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "hugging_face/tokenizer/tiktoken.hpp"

namespace hugging_face {
namespace {

constexpr std::uint64_t max_model_bytes = std::uint64_t{1} << 30;

std::shared_ptr<const TokenizerModel> open(const std::filesystem::path& folder) {
    const std::filesystem::path model = folder / "tokenizer.model";
    const bool has_json = std::filesystem::exists(folder / "tokenizer.json");
    if (!std::filesystem::exists(model)) {
        if (has_json) return open_byte_level(folder);
        throw files::FileError(folder, "tokenizer", "tokenizer.model or tokenizer.json", "neither");
    }
    const std::string bytes = files::read_file(model, max_model_bytes);
    if (!read_tiktoken_lines(bytes).whole) return open_sentencepiece(folder, bytes);
    if (has_json) return open_byte_level(folder);
    throw files::FileError(model, "file",
                           "a SentencePiece model, or the folder's tokenizer.json beside it",
                           "the format of Llama 3 (base64 tokens and ranks) alone");
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerModel> model)
    : model_(std::move(model)), files_(model_->files()) {}

Tokenizer::Tokenizer(const std::filesystem::path& folder) : Tokenizer(open(folder)) {
    add_companions(folder, files_);
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
    write_files(files_, folder);
}

}  // namespace hugging_face
