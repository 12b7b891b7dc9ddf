#include "text/tokenizer_json.hpp"

#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "text/byte_letters.hpp"
#include "text/unicode.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_tokens = std::size_t{1} << 26;
constexpr std::size_t max_steps = 32;

/// A value in the file, and where it stands, for the errors.
class Node {
public:
    Node(const Json& json, const std::filesystem::path& file, std::string where = {})
        : json_(&json), file_(&file), where_(std::move(where)) {}

    /// The field of this object; a null where there is none.
    Node operator[](const std::string& field) const {
        static const Json nothing;
        const bool there = json_->is_object() && json_->contains(field);
        return {there ? json_->at(field) : nothing, *file_,
                where_.empty() ? field : where_ + "." + field};
    }

    /// The entries of this list; none where it is null.
    std::vector<Node> entries(std::size_t most) const {
        std::vector<Node> nodes;
        if (is_null()) return nodes;
        if (!json_->is_array() || json_->size() > most) {
            refuse("a list of at most " + std::to_string(most));
        }
        for (const Json& entry : *json_) {
            nodes.emplace_back(entry, *file_, where_ + "[" + std::to_string(nodes.size()) + "]");
        }
        return nodes;
    }

    bool is_null() const { return json_->is_null(); }
    const Json& json() const { return *json_; }

    const std::string& text() const {
        if (!json_->is_string()) refuse("a text");
        return json_->get_ref<const std::string&>();
    }

    /// False where it is null.
    bool boolean() const {
        if (is_null()) return false;
        if (!json_->is_boolean()) refuse("true or false");
        return json_->get<bool>();
    }

    std::size_t token(std::size_t limit) const {
        if (!json_->is_number_unsigned() || json_->get<std::uint64_t>() >= limit) {
            refuse("a token below " + std::to_string(limit));
        }
        return json_->get<std::size_t>();
    }

    /// Refuses what is neither null nor `supported`.
    void only(const Json& supported) const {
        if (!is_null() && *json_ != supported) {
            refuse(describe(supported) + " (anything else is unsupported)");
        }
    }

    [[noreturn]] void refuse(const std::string& expected) const {
        throw FileError(*file_, where_, expected, describe(*json_));
    }

private:
    const Json* json_;
    const std::filesystem::path* file_;
    std::string where_;
};

/// Both lists of the file give tokens names; together they name every token from 0 on, once.
void read_tokens(const Node& root, TokenizerJson& result) {
    const Node vocabulary = root["model"]["vocab"];
    if (!vocabulary.json().is_object() || vocabulary.json().size() > max_tokens) {
        vocabulary.refuse("an object of at most " + std::to_string(max_tokens));
    }
    const std::vector<Node> added = root["added_tokens"].entries(max_tokens);
    std::size_t count = vocabulary.json().size();
    for (const Node& token : added) {
        if (!vocabulary.json().contains(token["content"].text())) ++count;
    }

    std::vector<bool> named(count, false);
    result.tokens.resize(count);
    const auto name_token = [&](const std::string& name, const Node& id) {
        const std::size_t token = id.token(count);
        const auto [place, fresh] = result.ids.emplace(name, static_cast<std::int64_t>(token));
        if (!fresh && place->second != static_cast<std::int64_t>(token)) {
            id.refuse(std::to_string(place->second) + ", as in model.vocab");
        }
        if (fresh && named[token]) id.refuse("a token that has no other name");
        named[token] = true;
        result.tokens[token].bytes = bytes_of_letters(name).value_or(name);
    };
    for (const auto& [name, id] : vocabulary.json().items()) name_token(name, vocabulary[name]);
    for (const Node& token : added) {
        const std::string& content = token["content"].text();
        if (content.empty()) token["content"].refuse("a text that is not empty");
        for (const char* field : {"single_word", "lstrip", "rstrip"}) token[field].only(false);
        name_token(content, token["id"]);
        const auto id = static_cast<std::int64_t>(token["id"].token(count));
        result.tokens[static_cast<std::size_t>(id)].special = token["special"].boolean();
        if (token["normalized"].boolean()) {
            result.added_after.add(result.composed ? compose(content) : content, id);
        } else {
            result.added_before.add(content, id);
        }
    }
}

/// A merge is "left right" or, in newer files, ["left", "right"].
std::pair<std::string, std::string> read_merge(const Node& merge) {
    std::optional<std::string> left;
    std::optional<std::string> right;
    if (merge.json().is_array() && merge.json().size() == 2) {
        const std::vector<Node> sides = merge.entries(2);
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

BytePairEncoding read_encoding(const Node& model) {
    model["type"].only("BPE");
    if (model["type"].is_null()) model["type"].refuse("\"BPE\"");
    model["continuing_subword_prefix"].only("");
    model["end_of_word_suffix"].only("");
    model["byte_fallback"].only(false);
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
    for (const Node& merge : model["merges"].entries(max_tokens)) {
        const auto [left, right] = read_merge(merge);
        try {
            encoding.add_merge(left, right);
        } catch (const std::invalid_argument&) {
            merge.refuse("two tokens that make one of model.vocab");
        }
    }
    return encoding;
}

bool reads_composed(const Node& normalizer) {
    if (normalizer.is_null()) return false;
    if (normalizer["type"].is_null()) normalizer.refuse("null or NFC");
    normalizer["type"].only("NFC");
    return true;
}

Regex read_pattern(const Node& pattern) {
    const Node expression = pattern["Regex"];
    try {
        return Regex(expression.text());
    } catch (const std::invalid_argument& error) {
        expression.refuse(std::string("a regular expression (") + error.what() + ")");
    }
}

/// The steps inside Sequence steps come in its place.
std::vector<Node> flatten(const Node& step, const char* list) {
    if (step.is_null()) return {};
    if (step["type"].text() != "Sequence") return {step};
    std::vector<Node> steps;
    for (const Node& inner : step[list].entries(max_steps)) {
        for (Node& flat : flatten(inner, list)) steps.push_back(std::move(flat));
    }
    return steps;
}

PreTokenizer read_pre_tokenizer(const Node& root) {
    PreTokenizer pre_tokenizer;
    bool done = false;
    for (const Node& step : flatten(root, "pretokenizers")) {
        if (done) step.refuse("ByteLevel as the last step");
        const std::string& type = step["type"].text();
        if (type == "ByteLevel") {
            done = true;
            const Node words = step["use_regex"];
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

/// The token that a TemplateProcessing puts before a single text.
std::optional<std::int64_t> read_first_token(const Node& root, const TokenizerJson& tokenizer) {
    std::optional<std::int64_t> first;
    for (const Node& step : flatten(root, "processors")) {
        const std::string& type = step["type"].text();
        if (type == "ByteLevel") continue;
        if (type != "TemplateProcessing") {
            step["type"].refuse("Sequence, ByteLevel or TemplateProcessing");
        }
        const std::vector<Node> single = step["single"].entries(max_steps);
        if (single.empty() || single.front()["SpecialToken"].is_null()) continue;
        const Node name = single.front()["SpecialToken"]["id"];
        const Node ids = step["special_tokens"][name.text()]["ids"];
        const std::vector<Node> tokens = ids.entries(max_steps);
        if (tokens.size() != 1) ids.refuse("a list of one token");
        first = static_cast<std::int64_t>(tokens.front().token(tokenizer.tokens.size()));
    }
    return first;
}

}  // namespace

TokenizerJson parse_tokenizer_json(const std::string& text, const std::filesystem::path& file) {
    const Json json = parse_sorted_json(text, file);
    const Node root(json, file);
    if (!json.is_object()) throw FileError(file, "JSON", "an object", describe(json));
    TokenizerJson result;
    result.composed = reads_composed(root["normalizer"]);
    read_tokens(root, result);
    result.encoding.emplace(read_encoding(root["model"]));
    result.pre_tokenizer = read_pre_tokenizer(root["pre_tokenizer"]);
    result.first_token = read_first_token(root["post_processor"], result);
    return result;
}

}  // namespace fed_llm
