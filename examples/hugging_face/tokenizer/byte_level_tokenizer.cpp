#include "hugging_face/tokenizer/byte_level_tokenizer.hpp"

#include <utility>

#include "files/file.hpp"
#include "files/unicode.hpp"
#include "hugging_face/tokenizer/tokenizer_config.hpp"
#include "hugging_face/tokenizer/tokenizer_json.hpp"

namespace hugging_face {
namespace {

constexpr const char* file_name = "tokenizer.json";
constexpr std::uint64_t max_tokenizer_bytes = std::uint64_t{1} << 28;

class ByteLevelTokenizer : public TokenizerModel {
public:
    ByteLevelTokenizer(const std::filesystem::path& folder, std::string file)
        : file_(std::move(file)), parts_(parse_tokenizer_json(file_, folder / file_name)) {
        const TokenizerConfig config(folder);
        const FindToken by_name = [this](const std::string& name) { return find(name); };
        for (const NamedToken& token :
             fit_to_vocabulary(config.added_tokens(), vocab_size(), by_name)) {
            parts_.add(token);
        }
        for (const std::string& name : config.special_tokens()) {
            if (const auto token = find(name)) parts_.add_special(name, *token);
        }
        bos_ = bos_of(config, by_name);
        eos_ = config.eos(by_name, std::nullopt, vocab_size());
    }

    std::vector<std::int64_t> encode(std::string_view text) const override {
        std::vector<std::int64_t> tokens;
        const std::string well_formed = files::replace_ill_formed(text);
        for (const auto& segment : parts_.added_before.split(well_formed)) {
            if (segment.token >= 0) {
                tokens.push_back(segment.token);
            } else if (parts_.composed) {
                encode_normalized(files::compose(segment.text), tokens);
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
        return files::replace_ill_formed(bytes);
    }

    std::optional<std::int64_t> bos() const override { return bos_; }
    std::int64_t eos() const override { return eos_; }
    std::int64_t vocab_size() const override {
        return static_cast<std::int64_t>(parts_.tokens.size());
    }
    TokenizerFiles files() const override { return {{file_name, file_}}; }

private:
    std::optional<std::int64_t> find(const std::string& name) const {
        const auto found = parts_.ids.find(name);
        return found == parts_.ids.end() ? std::nullopt : std::optional(found->second);
    }

    std::optional<std::int64_t> bos_of(const TokenizerConfig& config,
                                       const FindToken& by_name) const {
        const bool add = config["add_bos_token"].boolean();
        if (parts_.first_token) return parts_.first_token;
        if (!add) return std::nullopt;
        const JsonNode name = config.special_token("bos_token");
        if (const auto token = token_of(name, by_name)) return token;
        name.refuse("the text of a token, as add_bos_token is true");
    }

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
    return std::make_shared<ByteLevelTokenizer>(
        folder, files::read_file(folder / file_name, max_tokenizer_bytes));
}

}  // namespace hugging_face
