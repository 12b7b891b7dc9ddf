#include "hugging_face/tokenizer/word_piece.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/unicode.hpp"
#include "hugging_face/tokenizer/named_token.hpp"
#include "hugging_face/tokenizer/tokenizer_config.hpp"

namespace hugging_face {
namespace {

constexpr const char* file_name = "vocab.txt";
constexpr std::uint64_t max_vocabulary_bytes = std::uint64_t{1} << 28;
constexpr std::size_t max_word_length = 100;
constexpr std::int64_t least_max_length = 3;  // [CLS], and two texts' [SEP]

constexpr std::array<const char*, 3> kinds{"BertTokenizer", "DistilBertTokenizer",
                                           "ElectraTokenizer"};

void expect_kind(const TokenizerConfig& config) {
    const JsonNode kind = config["tokenizer_class"];
    const bool known = kind.is_null() || std::any_of(kinds.begin(), kinds.end(), [&](auto name) {
                           return kind.text() == name || kind.text() == std::string(name) + "Fast";
                       });
    if (!known) kind.refuse("BertTokenizer, DistilBertTokenizer or ElectraTokenizer");
    config["do_basic_tokenize"].only(true);
    config["never_split"].only(nlohmann::json::array());
    config["truncation_side"].only("right");
}

BertWords read_words(const TokenizerConfig& config) {
    BertWords words;
    words.lower_case = config["do_lower_case"].boolean(true);
    words.strip_accents = config["strip_accents"].boolean(words.lower_case);
    words.isolate_chinese = config["tokenize_chinese_chars"].boolean(true);
    return words;
}

std::int64_t read_max_length(const JsonNode& length) {
    if (length.is_null()) return WordPiece::any_length;
    // transformers writes 10^30 for none; JSON's reader makes a float of what has no 64 bits.
    const nlohmann::json& json = length.json();
    if (json.is_number_float() && json.get<double>() >= 0x1p64) return WordPiece::any_length;
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() < least_max_length) {
        length.refuse("an integer of at least " + std::to_string(least_max_length));
    }
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(json.get<std::uint64_t>(), WordPiece::any_length));
}

}  // namespace

WordPiece::WordPiece(const std::filesystem::path& folder, std::int64_t max_length)
    : max_length_(max_length) {
    if (max_length < least_max_length) {
        throw std::invalid_argument("WordPiece: expected a max_length of at least " +
                                    std::to_string(least_max_length) + ", got " +
                                    std::to_string(max_length));
    }
    const TokenizerConfig config(folder);
    expect_kind(config);
    words_ = read_words(config);
    max_length_ = std::min(max_length, read_max_length(config["model_max_length"]));
    read_vocabulary(folder / file_name);
    add_tokens(config, folder / file_name);
    add_companions(folder, files_);
}

void WordPiece::read_vocabulary(const std::filesystem::path& file) {
    const std::string text = files::read_text(file, max_vocabulary_bytes);
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < text.size(); begin = end + 1) {
        end = std::min(text.find('\n', begin), text.size());
        std::string_view line = std::string_view(text).substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto refuse = [&](const std::string& expected, const std::string& got) {
            throw files::FileError(file, "line " + std::to_string(vocab_size_ + 1), expected, got);
        };
        const std::string token = files::replace_ill_formed(line);
        if (token.empty()) refuse("a token", "an empty line");
        if (token != line) refuse("UTF-8", files::describe(token));
        // A line of its own for transformers, which would number the rest differently.
        if (token.find('\r') != std::string::npos) {
            refuse("no carriage return inside", files::describe(token));
        }
        const auto [known, fresh] = vocabulary_.emplace(files::characters_of(token), vocab_size_);
        if (!fresh) {
            refuse("a token that no line has before", files::describe(token) + ", which line " +
                                                          std::to_string(known->second + 1) +
                                                          " has");
        }
        longest_ = std::max(longest_, known->first.size());
        ++vocab_size_;
    }
    files_.emplace(file_name, text);
}

void WordPiece::add_tokens(const TokenizerConfig& config,
                           const std::filesystem::path& vocabulary_file) {
    std::map<std::string, std::int64_t> added;
    const FindToken find = [&](const std::string& name) -> std::optional<std::int64_t> {
        if (const auto found = added.find(name); found != added.end()) return found->second;
        const auto found = vocabulary_.find(files::characters_of(name));
        return found == vocabulary_.end() ? std::nullopt : std::optional(found->second);
    };
    for (const NamedToken& token : fit_to_vocabulary(config.added_tokens(), vocab_size_, find)) {
        token.place["normalized"].only(false);
        added.emplace(token.content, token.id);
        vocab_size_ = std::max(vocab_size_, token.id + 1);
    }
    const auto add_special = [&](const char* field, const char* default_name) {
        const JsonNode name = config.special_token(field);
        if (!name.is_absent()) {
            if (const auto token = token_of(name, find)) return *token;
            name.refuse("the text of a token");
        }
        const auto token = find(default_name);
        if (!token) {
            throw files::FileError(vocabulary_file, field,
                                   std::string("a line \"") + default_name + "\"", "none");
        }
        added.emplace(default_name, *token);
        return *token;
    };
    cls_ = add_special("cls_token", "[CLS]");
    sep_ = add_special("sep_token", "[SEP]");
    unknown_ = add_special("unk_token", "[UNK]");
    pad_ = add_special("pad_token", "[PAD]");
    add_special("mask_token", "[MASK]");
    for (const std::string& name : config.special_tokens()) {
        if (const auto token = find(name)) added.emplace(name, *token);
    }
    for (const auto& [name, token] : added) added_.add(name, token);
}

std::vector<std::int64_t> WordPiece::encode(std::string_view text) const {
    Tokens tokens = encode_text(text);
    const auto room = static_cast<std::size_t>(max_length_ - 2);
    if (tokens.size() > room) tokens.resize(room);
    tokens.insert(tokens.begin(), cls_);
    tokens.push_back(sep_);
    return tokens;
}

WordPiece::Pair WordPiece::encode(std::string_view first, std::string_view second) const {
    Tokens left = encode_text(first);
    Tokens right = encode_text(second);
    const auto room = static_cast<std::size_t>(max_length_ - 3);
    if (left.size() + right.size() > room) {
        const bool left_is_longer = left.size() > right.size();
        Tokens& shorter = left_is_longer ? right : left;
        Tokens& longer = left_is_longer ? left : right;
        shorter.resize(std::min(shorter.size(), room / 2));
        longer.resize(room - shorter.size());
    }
    Pair pair;
    pair.tokens.push_back(cls_);
    pair.tokens.insert(pair.tokens.end(), left.begin(), left.end());
    pair.tokens.push_back(sep_);
    pair.types.resize(pair.tokens.size(), 0);
    pair.tokens.insert(pair.tokens.end(), right.begin(), right.end());
    pair.tokens.push_back(sep_);
    pair.types.resize(pair.tokens.size(), 1);
    return pair;
}

WordPiece::Tokens WordPiece::encode_text(std::string_view text) const {
    Tokens tokens;
    for (const auto& segment : added_.split(text)) {
        if (segment.token >= 0) {
            tokens.push_back(segment.token);
            continue;
        }
        for (const std::u32string& word : words_.split(segment.text)) encode_word(word, tokens);
    }
    return tokens;
}

void WordPiece::encode_word(const std::u32string& word, Tokens& tokens) const {
    const std::size_t before = tokens.size();
    std::size_t begin = word.size() > max_word_length ? std::u32string::npos : 0;
    std::u32string piece;
    while (begin < word.size()) {
        piece = begin == 0 ? U"" : U"##";
        const std::size_t prefix = piece.size();
        piece.append(word, begin, longest_);
        auto found = vocabulary_.find(piece);
        while (found == vocabulary_.end() && piece.size() > prefix + 1) {
            piece.pop_back();
            found = vocabulary_.find(piece);
        }
        if (found == vocabulary_.end()) break;
        tokens.push_back(found->second);
        begin += piece.size() - prefix;
    }
    if (begin != word.size()) {
        tokens.resize(before);
        tokens.push_back(unknown_);
    }
}

}  // namespace hugging_face
