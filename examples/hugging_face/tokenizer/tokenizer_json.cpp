#include "hugging_face/tokenizer/tokenizer_json.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "files/file.hpp"
#include "files/unicode.hpp"
#include "hugging_face/config/json_node.hpp"
#include "hugging_face/tokenizer/byte_letters.hpp"

namespace hugging_face {
namespace {

constexpr std::size_t max_steps = 32;

/// Both lists of the file give tokens names; together they name every token from 0 on, once.
void read_tokens(const JsonNode& root, TokenizerJson& result) {
    const JsonNode vocabulary = root["model"]["vocab"];
    if (!vocabulary.json().is_object() || vocabulary.json().size() > max_tokens) {
        vocabulary.refuse("an object of at most " + std::to_string(max_tokens));
    }
    const std::vector<NamedToken> added = read_added_tokens(root);
    std::size_t count = vocabulary.json().size();
    for (const NamedToken& token : added) {
        if (!vocabulary.json().contains(token.content)) ++count;
    }

    std::vector<bool> named(count, false);
    result.tokens.resize(count);
    const auto name_token = [&](const std::string& name, const JsonNode& id) {
        const std::int64_t token = id.token(static_cast<std::int64_t>(count));
        const auto [place, fresh] = result.ids.emplace(name, token);
        if (!fresh && place->second != token) {
            id.refuse(std::to_string(place->second) + ", as in model.vocab");
        }
        const auto index = static_cast<std::size_t>(token);
        if (fresh && named[index]) id.refuse("a token that has no other name");
        named[index] = true;
        result.tokens[index].bytes = bytes_of_letters(name).value_or(name);
    };
    for (const auto& [name, id] : vocabulary.json().items()) name_token(name, vocabulary[name]);
    for (const NamedToken& token : added) {
        name_token(token.content, token.place);
        result.add(token);
    }
}

/// A merge is "left right" or, in newer files, ["left", "right"].
std::pair<std::string, std::string> read_merge(const JsonNode& merge) {
    std::optional<std::string> left;
    std::optional<std::string> right;
    if (merge.json().is_array() && merge.json().size() == 2) {
        const std::vector<JsonNode> sides = merge.entries(2);
        left = bytes_of_letters(sides.front().text());
        right = bytes_of_letters(sides.back().text());
    } else if (const std::string& both = merge.text(); both.find(' ') != std::string::npos) {
        const std::size_t space = both.find(' ');
        left = bytes_of_letters(std::string_view(both).substr(0, space));
        right = bytes_of_letters(std::string_view(both).substr(space + 1));
    }
    if (!left || !right) merge.refuse("two tokens of bytes");
    return {*std::move(left), *std::move(right)};
}

BytePairEncoding read_encoding(const JsonNode& model) {
    model["type"].only("BPE");
    if (model["type"].is_null()) model["type"].refuse("\"BPE\"");
    model["continuing_subword_prefix"].only("");
    model["end_of_word_suffix"].only("");
    model["dropout"].only(0.0);
    std::unordered_map<std::string, std::uint32_t> vocabulary;
    for (const auto& [name, id] : model["vocab"].json().items()) {
        // Names of other characters than letters of bytes are reached as added tokens alone.
        if (auto bytes = bytes_of_letters(name)) {
            vocabulary.emplace(*std::move(bytes), id.get<std::uint32_t>());
        }
    }
    BytePairEncoding encoding(std::move(vocabulary), model["ignore_merges"].boolean());
    if (!encoding.is_complete()) model["unk_token"].only(nullptr);
    for (const JsonNode& merge : model["merges"].entries(max_tokens)) {
        const auto [left, right] = read_merge(merge);
        try {
            encoding.add_merge(left, right);
        } catch (const std::invalid_argument&) {
            merge.refuse("two tokens that make one of model.vocab");
        }
    }
    return encoding;
}

Regex read_pattern(const JsonNode& pattern) {
    const JsonNode expression = pattern["Regex"];
    try {
        return Regex(expression.text());
    } catch (const std::invalid_argument& error) {
        expression.refuse(std::string("a regular expression (") + error.what() + ")");
    }
}

/// The steps inside Sequence steps come in its place.
std::vector<JsonNode> flatten(const JsonNode& step, const char* list) {
    if (step.is_null()) return {};
    if (!step.json().is_object()) step.refuse("null or an object");
    if (step["type"].text() != "Sequence") return {step};
    if (step[list].is_null()) step[list].refuse("a list");
    std::vector<JsonNode> steps;
    for (const JsonNode& inner : step[list].entries(max_steps)) {
        if (inner.is_null()) inner.refuse("an object");
        for (JsonNode& flat : flatten(inner, list)) steps.push_back(std::move(flat));
    }
    return steps;
}

bool reads_composed(const JsonNode& normalizer) {
    const std::vector<JsonNode> steps = flatten(normalizer, "normalizers");
    for (const JsonNode& step : steps) step["type"].only("NFC");
    return !steps.empty();
}

PreTokenizer read_pre_tokenizer(const JsonNode& root) {
    PreTokenizer pre_tokenizer;
    bool done = false;
    for (const JsonNode& step : flatten(root, "pretokenizers")) {
        if (done) step.refuse("ByteLevel as the last step");
        const std::string& type = step["type"].text();
        if (type == "ByteLevel") {
            done = true;
            const JsonNode words = step["use_regex"];
            const bool cut = words.is_null() || words.boolean();
            pre_tokenizer.add({step["add_prefix_space"].boolean(),
                               cut ? std::optional(PreTokenizer::gpt2_words()) : std::nullopt});
        } else if (type == "Digits") {
            const bool alone = step["individual_digits"].boolean();
            pre_tokenizer.add({false, Regex(alone ? "\\p{N}" : "\\p{N}+")});
        } else if (type == "Split") {
            if (step["behavior"].is_null()) step["behavior"].refuse("\"Isolated\"");
            step["behavior"].only("Isolated");  // which makes "invert" mean nothing
            pre_tokenizer.add({false, read_pattern(step["pattern"])});
        } else {
            step["type"].refuse("Sequence, Split, Digits or ByteLevel");
        }
    }
    if (!done) root.refuse("a ByteLevel step");
    return pre_tokenizer;
}

}  // namespace

void TokenizerJson::add(const NamedToken& token) {
    if (token.id == static_cast<std::int64_t>(tokens.size())) {
        tokens.push_back({.bytes = bytes_of_letters(token.content).value_or(token.content)});
        ids.emplace(token.content, token.id);
    }
    Token& known = tokens[static_cast<std::size_t>(token.id)];
    if (known.added) return;
    known.added = true;
    known.special = token.special;
    if (token.normalized) {
        added_after.add(composed ? files::compose(token.content) : token.content, token.id);
    } else {
        added_before.add(token.content, token.id);
    }
}

void TokenizerJson::add_special(const std::string& name, std::int64_t token) {
    Token& known = tokens[static_cast<std::size_t>(token)];
    known.special = true;
    if (!known.added) added_before.add(name, token);
    known.added = true;
}

std::optional<std::int64_t> read_first_token(const JsonNode& post_processor, std::int64_t size) {
    std::optional<std::int64_t> first;
    for (const JsonNode& step : flatten(post_processor, "processors")) {
        const std::string& type = step["type"].text();
        if (type == "ByteLevel") continue;
        if (type != "TemplateProcessing") {
            step["type"].refuse("Sequence, ByteLevel or TemplateProcessing");
        }
        const std::vector<JsonNode> single = step["single"].entries(max_steps);
        if (single.empty() || single.front()["SpecialToken"].is_null()) continue;
        if (single.size() > 1) single[1]["SpecialToken"].only(nullptr);
        const JsonNode name = single.front()["SpecialToken"]["id"];
        const JsonNode ids = step["special_tokens"][name.text()]["ids"];
        const std::vector<JsonNode> tokens = ids.entries(max_steps);
        if (tokens.size() != 1) ids.refuse("a list of one token");
        first = tokens.front().token(size);
    }
    return first;
}

TokenizerJson parse_tokenizer_json(const std::string& text, const std::filesystem::path& file) {
    const nlohmann::json json = files::parse_sorted_json(text, file);
    const JsonNode root(json, file);
    const JsonNode fallback = root["model"]["byte_fallback"];
    if (fallback.boolean()) {
        fallback.refuse("false (LLaMA's own kind of tokenizer is read from a tokenizer.model)");
    }
    TokenizerJson result;
    result.composed = reads_composed(root["normalizer"]);
    read_tokens(root, result);
    result.encoding.emplace(read_encoding(root["model"]));
    result.pre_tokenizer = read_pre_tokenizer(root["pre_tokenizer"]);
    for (const JsonNode& step : flatten(root["decoder"], "decoders"))
        step["type"].only("ByteLevel");
    result.first_token =
        read_first_token(root["post_processor"], static_cast<std::int64_t>(result.tokens.size()));
    return result;
}

}  // namespace hugging_face
