#include "hugging_face/tokenizer/tokenizer_config.hpp"

#include <set>
#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;
using nlohmann::json;

namespace {

using Names = std::set<std::string>;

class Folder {
public:
    void write(const char* name, const json& content) const { folder_.write(name, content.dump()); }
    TokenizerConfig open() const { return TokenizerConfig(folder_.path()); }

private:
    TemporaryFolder folder_;
};

std::optional<std::int64_t> find(const std::string& name) {
    return name == "<end>" ? std::optional<std::int64_t>(3) : std::nullopt;
}

}  // namespace

TEST_CASE("a folder without the small files says nothing") {
    for (const TokenizerConfig& config : {TokenizerConfig(), Folder().open()}) {
        CHECK(config["add_bos_token"].is_absent());
        CHECK(config.special_token("bos_token").is_absent());
        CHECK(config.special_tokens().empty());
        CHECK(config.added_tokens().empty());
        CHECK(config.eos(find, 5, 10) == 5);
    }
}

TEST_CASE("special tokens are not cut") {
    const Folder folder;
    for (const json& none : {json(false), json(nullptr)}) {
        folder.write("tokenizer_config.json", {{"split_special_tokens", none}});
        CHECK_NOTHROW(folder.open());
    }
    folder.write("tokenizer_config.json", {{"split_special_tokens", true}});
    CHECK(error_field([&] { folder.open(); }) == "split_special_tokens");
}

TEST_CASE("a special token is a text, an object with it, null or absent") {
    const Folder folder;
    folder.write("tokenizer_config.json", {{"bos_token", "<s>"},
                                           {"eos_token", {{"content", "</s>"}, {"lstrip", false}}},
                                           {"pad_token", nullptr},
                                           {"mask_token", ""}});
    const TokenizerConfig config = folder.open();
    CHECK(config.special_token("bos_token").text() == "<s>");
    CHECK(config.special_token("eos_token").text() == "</s>");
    CHECK(config.special_token("pad_token").is_null());
    CHECK_FALSE(config.special_token("pad_token").is_absent());
    CHECK(config.special_token("unk_token").is_absent());
    CHECK(config.special_tokens() == Names{"<s>", "</s>"});
}

TEST_CASE("special_tokens_map.json counts where there is no added_tokens_decoder") {
    const Folder folder;
    folder.write("special_tokens_map.json", {{"eos_token", "<old>"}, {"pad_token", "<pad>"}});
    CHECK(folder.open().special_token("eos_token").text() == "<old>");
    json config{{"eos_token", "<new>"}};
    folder.write("tokenizer_config.json", config);
    CHECK(folder.open().special_token("eos_token").text() == "<old>");
    config["added_tokens_decoder"] = json::object();
    folder.write("tokenizer_config.json", config);
    CHECK(folder.open().special_token("eos_token").text() == "<new>");
    CHECK(folder.open().special_token("pad_token").text() == "<pad>");
}

TEST_CASE("lists of special tokens as transformers 4 and 5 write them") {
    const Folder folder;
    folder.write("tokenizer_config.json",
                 {{"additional_special_tokens", {"<a>", {{"content", "<b>"}}}},
                  {"extra_special_tokens", {{"image_token", "<c>"}}}});
    folder.write("special_tokens_map.json", {{"extra_special_tokens", {"<d>"}}});
    CHECK(folder.open().special_tokens() == Names{"<a>", "<b>", "<c>", "<d>"});
    for (const json& wrong : {json(5), json("<a>"), json::array({5}), json::array({nullptr})}) {
        folder.write("tokenizer_config.json", {{"extra_special_tokens", wrong}});
        CHECK(error_field([&] {
                  folder.open().special_tokens();
              }).starts_with("extra_special_tokens"));
    }
}

TEST_CASE("added tokens of added_tokens_decoder and added_tokens.json") {
    const Folder folder;
    folder.write("tokenizer_config.json",
                 {{"added_tokens_decoder", {{"12", {{"content", "<x>"}, {"special", true}}}}}});
    folder.write("added_tokens.json", {{"<y>", 13}});
    const TokenizerConfig config = folder.open();
    const std::vector<NamedToken> tokens = config.added_tokens();
    REQUIRE(tokens.size() == 2);
    CHECK(tokens[0].content == "<x>");
    CHECK(tokens[0].id == 12);
    CHECK(tokens[0].special);
    CHECK(tokens[1].content == "<y>");
    CHECK(tokens[1].id == 13);
    CHECK_FALSE(tokens[1].special);

    const auto refused = [&] { return error_field([&] { folder.open().added_tokens(); }); };
    for (const char* number : {"", "x", "-1", "1.5", "12345678901"}) {
        folder.write("tokenizer_config.json",
                     {{"added_tokens_decoder", {{number, {{"content", "<x>"}}}}}});
        CHECK(refused() == std::string("added_tokens_decoder.") + number);
    }
    folder.write("tokenizer_config.json", {{"added_tokens_decoder", {{"12", "<x>"}}}});
    CHECK(refused() == "added_tokens_decoder.12.content");
    folder.write("tokenizer_config.json", {{"added_tokens_decoder", json::array()}});
    CHECK(refused() == "added_tokens_decoder");
    folder.write("tokenizer_config.json", {{"added_tokens_decoder", nullptr}});
    CHECK(refused() == "no error");
    folder.write("added_tokens.json", {{"<y>", "13"}});
    CHECK(refused() == "<y>");
    folder.write("added_tokens.json", {{"", 13}});
    CHECK(refused() == "");
    folder.write("added_tokens.json", json::array());
    CHECK(refused() == "JSON");
}

TEST_CASE("the end of a response, by name, by the tokenizer or by number") {
    const Folder folder;
    const auto eos = [&](std::optional<std::int64_t> own) {
        return folder.open().eos(find, own, 10);
    };
    CHECK(error_field([&] { eos(std::nullopt); }) == "eos_token");
    folder.write("generation_config.json", {{"eos_token_id", {7, 8}}});
    CHECK(eos(std::nullopt) == 7);
    folder.write("config.json", {{"eos_token_id", 9}});
    CHECK(eos(std::nullopt) == 9);
    CHECK(eos(5) == 5);
    folder.write("tokenizer_config.json", {{"eos_token", "<end>"}});
    CHECK(eos(5) == 3);
    folder.write("tokenizer_config.json", {{"eos_token", "<other>"}});
    CHECK(error_field([&] { eos(5); }) == "eos_token");
}
