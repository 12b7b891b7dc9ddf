#include "hugging_face/tokenizer/end_tokens.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "files/file.hpp"
#include "hugging_face/config/json_node.hpp"

namespace hugging_face {
namespace {

constexpr const char* file_name = "generation_config.json";
constexpr std::uint64_t max_config_bytes = 16 << 20;
constexpr std::size_t max_eos_tokens = 1 << 10;

bool contains(const std::vector<std::int64_t>& tokens, std::int64_t token) {
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

}  // namespace

std::vector<std::int64_t> read_eos_token_ids(const std::filesystem::path& file,
                                             std::int64_t limit) {
    const JsonFile json(file, max_config_bytes);
    const JsonNode node = json.root()["eos_token_id"];
    // An unsigned number of all ones would count as -1.
    const bool is_none = !node.json().is_number_unsigned() && node.json() == -1;
    if (node.is_null() || is_none) return {};
    if (!node.json().is_array()) return {node.token(limit)};
    if (node.json().empty()) node.refuse("a token or a list of tokens");
    std::vector<std::int64_t> tokens;
    for (const JsonNode& token : node.entries(max_eos_tokens)) {
        tokens.push_back(token.token(limit));
    }
    return tokens;
}

EndTokens::EndTokens(const std::filesystem::path& folder, std::int64_t example_end,
                     std::int64_t vocab_size)
    : tokens_{example_end} {
    const auto of_config = read_eos_token_ids(folder / "config.json", vocab_size);
    const auto of_generation = read_eos_token_ids(folder / file_name, vocab_size);
    for (const auto* tokens : {&of_generation, &of_config}) {
        for (const std::int64_t token : *tokens) {
            if (!contains(tokens_, token)) tokens_.push_back(token);
        }
    }

    // Other programs take what generation_config.json says, and without it what config.json says.
    const bool there = std::filesystem::exists(folder / file_name);
    if (there) generation_config_ = files::read_file(folder / file_name, max_config_bytes);
    const auto& told = there ? of_generation : of_config;
    if (std::all_of(tokens_.begin(), tokens_.end(),
                    [&](std::int64_t token) { return contains(told, token); })) {
        return;
    }
    using Json = nlohmann::ordered_json;
    Json json = there ? files::parse_json(*generation_config_, folder / file_name) : Json::object();
    json["eos_token_id"] = tokens_.size() == 1 ? Json(tokens_.front()) : Json(tokens_);
    generation_config_ = json.dump(2) + "\n";
}

void EndTokens::save(const std::filesystem::path& folder) const {
    files::create_folder(folder);
    if (generation_config_) files::write_file(folder / file_name, *generation_config_);
}

}  // namespace hugging_face
