#include "text/byte_level_tokenizer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "text/tokenizer_json.hpp"
#include "text/unicode.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* file_name = "tokenizer.json";
constexpr std::uint64_t max_tokenizer_bytes = std::uint64_t{1} << 28;
constexpr std::uint64_t max_config_bytes = 16 << 20;

/// The object in a JSON file of the folder; an empty one where there is no such file.
Json read_object(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return Json::object();
    Json json = read_json(file, max_config_bytes);
    if (!json.is_object()) throw FileError(file, "JSON", "an object", describe(json));
    return json;
}

/// BOS and EOS by the files beside tokenizer.json.
class SpecialTokens {
public:
    SpecialTokens(const std::filesystem::path& folder, const TokenizerJson& tokenizer)
        : folder_(folder),
          config_file_(folder / "tokenizer_config.json"),
          config_(read_object(config_file_)),
          tokenizer_(tokenizer) {}

    std::optional<std::int64_t> bos() const {
        if (tokenizer_.first_token) return tokenizer_.first_token;
        const Json add = config_.value("add_bos_token", Json(false));
        if (!add.is_boolean() && !add.is_null()) {
            throw FileError(config_file_, "add_bos_token", "true or false", describe(add));
        }
        return add == true ? named("bos_token") : std::nullopt;
    }

    std::int64_t eos() const {
        if (const auto token = named("eos_token")) return *token;
        for (const char* name : {"config.json", "generation_config.json"}) {
            if (const auto token = numbered(folder_ / name)) return *token;
        }
        throw FileError(config_file_, "eos_token", "a token", "none");
    }

private:
    std::optional<std::int64_t> named(const char* field) const {
        Json name = config_.value(field, Json(nullptr));
        if (name.is_object()) name = name.value("content", Json(nullptr));
        if (name.is_null()) return std::nullopt;
        const auto found =
            name.is_string() ? tokenizer_.ids.find(name.get<std::string>()) : tokenizer_.ids.end();
        if (found == tokenizer_.ids.end()) {
            throw FileError(config_file_, field, "the text of a token", describe(name));
        }
        return found->second;
    }

    std::optional<std::int64_t> numbered(const std::filesystem::path& file) const {
        Json token = read_object(file).value("eos_token_id", Json(nullptr));
        if (token.is_array() && !token.empty()) token = Json(token.front());
        if (token.is_null()) return std::nullopt;
        if (!token.is_number_unsigned() || token.get<std::uint64_t>() >= tokenizer_.tokens.size()) {
            throw FileError(file, "eos_token_id",
                            "a token below " + std::to_string(tokenizer_.tokens.size()),
                            describe(token));
        }
        return token.get<std::int64_t>();
    }

    std::filesystem::path folder_;
    std::filesystem::path config_file_;
    Json config_;
    const TokenizerJson& tokenizer_;
};

class ByteLevelTokenizer : public TokenizerModel {
public:
    ByteLevelTokenizer(const std::filesystem::path& folder, std::string file)
        : file_(std::move(file)), parts_(parse_tokenizer_json(file_, folder / file_name)) {
        const SpecialTokens special(folder, parts_);
        bos_ = special.bos();
        eos_ = special.eos();
    }

    std::vector<std::int64_t> encode(std::string_view text) const override {
        std::vector<std::int64_t> tokens;
        const std::string well_formed = replace_ill_formed(text);
        for (const auto& segment : parts_.added_before.split(well_formed)) {
            if (segment.token >= 0) {
                tokens.push_back(segment.token);
            } else if (parts_.composed) {
                encode_normalized(compose(segment.text), tokens);
            } else {
                encode_normalized(segment.text, tokens);
            }
        }
        return tokens;
    }

    std::string decode(std::span<const std::int64_t> tokens) const override {
        std::string bytes;
        for (const std::int64_t token : tokens) {
            if (token < 0 || token >= vocab_size()) continue;
            const auto& known = parts_.tokens[static_cast<std::size_t>(token)];
            if (!known.special) bytes += known.bytes;
        }
        return replace_ill_formed(bytes);
    }

    std::optional<std::int64_t> bos() const override { return bos_; }
    std::int64_t eos() const override { return eos_; }
    std::int64_t vocab_size() const override {
        return static_cast<std::int64_t>(parts_.tokens.size());
    }
    TokenizerFiles files() const override { return {{file_name, file_}}; }

private:
    void encode_normalized(std::string_view text, std::vector<std::int64_t>& tokens) const {
        for (const auto& segment : parts_.added_after.split(text)) {
            if (segment.token >= 0) {
                tokens.push_back(segment.token);
                continue;
            }
            for (const std::string& piece : parts_.pre_tokenizer.split(segment.text)) {
                parts_.encoding->encode(piece, tokens);
            }
        }
    }

    std::string file_;
    TokenizerJson parts_;
    std::optional<std::int64_t> bos_;
    std::int64_t eos_ = 0;
};

}  // namespace

std::shared_ptr<const TokenizerModel> open_byte_level(const std::filesystem::path& folder) {
    return std::make_shared<ByteLevelTokenizer>(folder,
                                                read_file(folder / file_name, max_tokenizer_bytes));
}

}  // namespace fed_llm
