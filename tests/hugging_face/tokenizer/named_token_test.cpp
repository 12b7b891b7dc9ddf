#include "hugging_face/tokenizer/named_token.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace hugging_face;
using nlohmann::json;

namespace {

const std::filesystem::path file = "tokenizer.json";

/// A vocabulary of the tokens "a" to "e", 0 to 4.
std::optional<std::int64_t> find(const std::string& name) {
    if (name.size() != 1 || name[0] < 'a' || name[0] > 'e') return std::nullopt;
    return name[0] - 'a';
}

/// The numbers of the added tokens of a tokenizer.json, after that vocabulary.
std::vector<std::int64_t> fitted(const std::string& added_tokens) {
    const json object = json::parse(R"({"added_tokens": [)" + added_tokens + "]}");
    std::vector<std::int64_t> numbers;
    for (const NamedToken& token :
         fit_to_vocabulary(read_added_tokens(JsonNode(object, file)), 5, find)) {
        numbers.push_back(token.id);
    }
    return numbers;
}

std::string added(const std::string& content, const std::string& id) {
    return R"({"content": ")" + content + R"(", "id": )" + id + "}";
}

std::string refused(const std::string& first, const std::string& second = added("a", "0")) {
    return error_field([&] { fitted(first + ", " + second); });
}

std::string refused_object(const json& object) {
    return error_field([&] {
        const JsonNode node(object, file);
        read_named_token(node, 7, node["id"]);
    });
}

}  // namespace

TEST_CASE("added tokens follow the vocabulary, or are of it") {
    CHECK(fitted("").empty());
    CHECK(fitted(added("<y>", "6") + "," + added("b", "1") + "," + added("<x>", "5") + "," +
                 added("<y>", "6")) == std::vector<std::int64_t>{1, 5, 6});
    CHECK(refused(added("<x>", "6")) == "added_tokens[0].id");  // a gap
    CHECK(refused(added("<x>", "5"), added("<y>", "7")) == "added_tokens[1].id");
    CHECK(refused(added("<x>", "4")) == "added_tokens[0].id");  // another's number
    CHECK(refused(added("b", "2")) == "added_tokens[0].id");    // not its number
    CHECK(refused(added("<x>", "5"), added("<x>", "6")) == "added_tokens[1].id");
    CHECK(refused(added("<x>", "5"), added("<y>", "5")) == "added_tokens[1].id");
    CHECK(refused(added("<x>", "-1")) == "added_tokens[0].id");
    CHECK(refused(added("<x>", "null")) == "added_tokens[0].id");
    CHECK(refused(added("", "5")) == "added_tokens[0].content");
}

TEST_CASE("an added token's description") {
    const json object{{"id", 7},         {"content", "<x>"},
                      {"special", true}, {"normalized", true},
                      {"lstrip", false}, {"rstrip", nullptr}};
    const JsonNode node(object, file);
    const NamedToken token = read_named_token(node, 7, node["id"]);
    CHECK(token.content == "<x>");
    CHECK(token.id == 7);
    CHECK(token.special);
    CHECK(token.normalized);
    const json bare{{"content", "<x>"}};
    const NamedToken plain = read_named_token(JsonNode(bare, file), 7, node["id"]);
    CHECK_FALSE(plain.special);
    CHECK_FALSE(plain.normalized);
    for (const char* field : {"lstrip", "rstrip", "single_word"}) {
        CHECK(refused_object({{"content", "<x>"}, {field, true}}) == field);
    }
    CHECK(refused_object({{"content", nullptr}}) == "content");
    CHECK(refused_object({{"content", "<x>"}, {"special", 1}}) == "special");
    CHECK(refused_object({{"content", "<x>"}, {"normalized", "no"}}) == "normalized");
}

TEST_CASE("a token is found by its name") {
    const json names{
        {"good", "c"}, {"none", nullptr}, {"empty", ""}, {"unknown", "z"}, {"number", 3}};
    const JsonNode node(names, file);
    CHECK(token_of(node["good"], find) == 2);
    CHECK(token_of(node["none"], find) == std::nullopt);
    CHECK(token_of(node["empty"], find) == std::nullopt);
    CHECK(token_of(node["absent"], find) == std::nullopt);
    for (const char* wrong : {"unknown", "number"}) {
        CHECK(error_field([&] { token_of(node[wrong], find); }) == wrong);
    }
}
