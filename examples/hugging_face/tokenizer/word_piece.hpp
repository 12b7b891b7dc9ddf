#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hugging_face/tokenizer/added_tokens.hpp"
#include "hugging_face/tokenizer/bert_words.hpp"
#include "hugging_face/tokenizer/tokenizer_files.hpp"

namespace hugging_face {

class TokenizerConfig;

/// BERT's tokenizer, cased or uncased, which DistilBERT and ELECTRA have, too. It encodes what
/// their encoders read: sequences that begin with [CLS], in which every text ends with [SEP].
///
/// A text is searched for special tokens as it is, then cut into words (BertWords), and each word
/// into the longest tokens of the vocabulary that it begins with, those inside a word written with
/// ## before them. A word that cannot be cut so, or is longer than 100 characters, is [UNK].
/// Source: Devlin et al., "BERT", and its release; the tokens of the Python package transformers
/// (BertTokenizerFast).
class WordPiece {
public:
    static constexpr std::int64_t any_length = std::numeric_limits<std::int64_t>::max();

    /// A sequence of two texts.
    struct Pair {
        std::vector<std::int64_t> tokens;
        std::vector<std::int64_t> types;  ///< 0 up to the first [SEP], then 1
    };

    /// Opens a model's folder: vocab.txt, a token a line; tokenizer_config.json with do_lower_case,
    /// strip_accents, tokenize_chinese_chars, model_max_length and the names of the special tokens,
    /// BERT's where it is missing or silent; special_tokens_map.json and added_tokens.json.
    /// Sequences are cut to `max_length` tokens, or to model_max_length where that is less.
    /// Throws: FileError where vocab.txt is missing, is no UTF-8, or has an empty line or a token
    /// twice, where a special token is not in it, and where a file is malformed or asks for what
    /// this program has not: another kind of tokenizer, added tokens that are looked for in
    /// normalized text. std::invalid_argument where max_length is below 3.
    explicit WordPiece(const std::filesystem::path& folder, std::int64_t max_length = any_length);

    /// [CLS], the tokens of the text, [SEP]. What is too long loses tokens at the text's end. Bytes
    /// that are no UTF-8 are passed over.
    std::vector<std::int64_t> encode(std::string_view text) const;

    /// [CLS], the tokens of the first text, [SEP], those of the second, [SEP]. What is too long
    /// loses tokens at the longer text's end until both are of a length, then at either's; the
    /// second keeps an odd one, unless the first was longer.
    Pair encode(std::string_view first, std::string_view second) const;

    /// What shorter sequences of a batch are filled up with.
    std::int64_t pad() const { return pad_; }

    std::int64_t vocab_size() const { return vocab_size_; }

    /// The most tokens of a sequence.
    std::int64_t max_length() const { return max_length_; }

    /// Writes into the folder what the tokenizer was read from. Throws: FileError.
    void save(const std::filesystem::path& folder) const { write_files(files_, folder); }

private:
    using Tokens = std::vector<std::int64_t>;

    void read_vocabulary(const std::filesystem::path& file);
    void add_tokens(const TokenizerConfig& config, const std::filesystem::path& vocabulary_file);

    Tokens encode_text(std::string_view text) const;
    void encode_word(const std::u32string& word, Tokens& tokens) const;

    TokenizerFiles files_;
    std::unordered_map<std::u32string, std::int64_t> vocabulary_;
    std::size_t longest_ = 0;  ///< of the vocabulary, in characters
    std::int64_t vocab_size_ = 0;
    AddedTokens added_;
    BertWords words_;
    std::int64_t cls_ = 0;
    std::int64_t sep_ = 0;
    std::int64_t unknown_ = 0;
    std::int64_t pad_ = 0;
    std::int64_t max_length_;
};

}  // namespace hugging_face
