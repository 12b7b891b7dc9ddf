#include "hugging_face/tokenizer/byte_level_tokenizer.hpp"

#include <optional>
#include <string>
#include <vector>

#include "hugging_face/support/tokenizer_json.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;
using Json = nlohmann::ordered_json;

namespace {

using Tokens = std::vector<std::int64_t>;
using Token = std::optional<std::int64_t>;

/// A folder with the stored tokenizer of this name.
class Folder {
public:
    explicit Folder(const std::string& name) {
        write("tokenizer.json", stored_tokenizers().at(name).at("tokenizer"));
        write("tokenizer_config.json", {{"eos_token", "<|end|>"}});
    }
    void write(const char* name, const Json& json) const { folder_.write(name, json.dump()); }
    std::shared_ptr<const TokenizerModel> open() const { return open_byte_level(folder_.path()); }
    std::string refused() const {
        return error_field([&] { open(); });
    }

private:
    TemporaryFolder folder_;
};

std::int64_t added_token(const std::string& name, const std::string& content) {
    for (const Json& token : stored_tokenizers().at(name).at("tokenizer").at("added_tokens")) {
        if (token.at("content") == content) return token.at("id").get<std::int64_t>();
    }
    FAIL("no such token");
    return -1;
}

}  // namespace

TEST_CASE("tokens and texts are those of the Python package tokenizers") {
    REQUIRE(stored_tokenizers().size() == 4);
    for (const auto& item : stored_tokenizers().items()) {
        const std::string& name = item.key();
        const Json& stored = item.value();
        CAPTURE(name);
        const auto tokenizer = Folder(name).open();
        REQUIRE(stored.at("answers").size() > 10);
        for (const Json& answer : stored.at("answers")) {
            const auto text = answer.at("text").get<std::string>();
            CAPTURE(text);
            const Tokens tokens = tokenizer->encode(text);
            CHECK(tokens == answer.at("tokens").get<Tokens>());
            CHECK(tokenizer->decode(tokens) == answer.at("decoded").get<std::string>());
        }
    }
}

TEST_CASE("bytes that are no UTF-8 count as U+FFFD, and half a character decodes to it") {
    const auto tokenizer = Folder("smollm2").open();
    CHECK(tokenizer->encode("a\xFFz") == tokenizer->encode("a\xEF\xBF\xBDz"));
    Tokens tokens = tokenizer->encode("\xE2\x98\x83");  // no merge has learnt it
    REQUIRE(tokens.size() == 3);
    tokens.pop_back();
    CHECK(tokenizer->decode(tokens) == "\xEF\xBF\xBD");
}

TEST_CASE("tokens outside the vocabulary have no text") {
    const auto tokenizer = Folder("smollm2").open();
    const Tokens tokens{-1, tokenizer->vocab_size(), std::int64_t{1} << 40};
    CHECK(tokenizer->decode(tokens) == "");
}

TEST_CASE("BOS comes from the post-processor, or from tokenizer_config.json if it is to be added") {
    CHECK(Folder("llama3").open()->bos() == added_token("llama3", "<|im_start|>"));
    const Folder folder("smollm2");
    CHECK(folder.open()->bos() == std::nullopt);
    const std::string start = "<|im_start|>";
    folder.write("tokenizer_config.json", {{"eos_token", "<|end|>"}, {"bos_token", start}});
    CHECK(folder.open()->bos() == std::nullopt);
    folder.write("tokenizer_config.json",
                 {{"eos_token", "<|end|>"}, {"bos_token", start}, {"add_bos_token", false}});
    CHECK(folder.open()->bos() == std::nullopt);
    folder.write("tokenizer_config.json",
                 {{"eos_token", "<|end|>"}, {"bos_token", start}, {"add_bos_token", true}});
    CHECK(folder.open()->bos() == added_token("smollm2", start));
    folder.write("tokenizer_config.json",
                 {{"eos_token", "<|end|>"}, {"bos_token", nullptr}, {"add_bos_token", true}});
    CHECK(folder.refused() == "bos_token");
}

TEST_CASE("EOS comes from tokenizer_config.json, config.json or generation_config.json") {
    const Folder folder("qwen2.5");
    const std::int64_t end = added_token("qwen2.5", "<|end|>");
    CHECK(folder.open()->eos() == end);
    folder.write("tokenizer_config.json", {{"eos_token", {{"content", "<|end|>"}}}});
    CHECK(folder.open()->eos() == end);
    folder.write("tokenizer_config.json", {{"eos_token", nullptr}});
    CHECK(folder.refused() == "eos_token");
    folder.write("generation_config.json", {{"eos_token_id", {7, 8}}});
    CHECK(folder.open()->eos() == 7);
    folder.write("config.json", {{"eos_token_id", 9}});
    CHECK(folder.open()->eos() == 9);
    folder.write("special_tokens_map.json", {{"eos_token", "<|im_start|>"}});
    CHECK(folder.open()->eos() == added_token("qwen2.5", "<|im_start|>"));
}

TEST_CASE("tokens that only the small files name are added") {
    const Folder folder("smollm2");
    const std::int64_t size = folder.open()->vocab_size();
    folder.write("added_tokens.json", {{"<note>", size + 1}});
    const Json call{{"content", "<call>"}, {"special", true}};
    folder.write(
        "tokenizer_config.json",
        {{"eos_token", "<call>"}, {"added_tokens_decoder", {{std::to_string(size), call}}}});
    const auto tokenizer = folder.open();
    CHECK(tokenizer->vocab_size() == size + 2);
    CHECK(tokenizer->eos() == size);
    Tokens expected = tokenizer->encode("the");
    expected.insert(expected.end(), {size, size + 1});
    CHECK(tokenizer->encode("the<call><note>") == expected);
    CHECK(tokenizer->decode(expected) == "the<note>");
    folder.write("added_tokens.json", {{"<note>", size + 2}});
    CHECK(folder.refused() == "<note>");
}

TEST_CASE("a special token of the vocabulary that is not in added_tokens is one all the same") {
    const Folder folder("smollm2");
    Json json = stored_tokenizers().at("smollm2").at("tokenizer");
    const std::int64_t end = added_token("smollm2", "<|end|>");
    json["model"]["vocab"]["<|end|>"] = end;
    json["added_tokens"].erase(static_cast<std::size_t>(0));
    folder.write("tokenizer.json", json);
    CHECK(folder.open()->encode("the<|end|>").back() == end);
    CHECK(folder.open()->decode(Tokens{end}) == "");
}

TEST_CASE("special tokens that are none are refused") {
    const Folder folder("qwen2.5");
    folder.write("tokenizer_config.json", {{"eos_token", "<no such token>"}});
    CHECK(folder.refused() == "eos_token");
    folder.write("tokenizer_config.json", {{"eos_token", 5}});
    CHECK(folder.refused() == "eos_token");
    folder.write("tokenizer_config.json", Json::array());
    CHECK(folder.refused() == "JSON");
    folder.write("tokenizer_config.json", {{"eos_token", "<|end|>"}, {"add_bos_token", "yes"}});
    CHECK(folder.refused() == "add_bos_token");
    folder.write("tokenizer_config.json", Json::object());
    for (const Json& token :
         {Json(-2), Json(1'000'000), Json("7"), Json(1.5), Json::array(), Json::array({-1})}) {
        folder.write("config.json", {{"eos_token_id", token}});
        CHECK(folder.refused().starts_with("eos_token_id"));
    }
}
