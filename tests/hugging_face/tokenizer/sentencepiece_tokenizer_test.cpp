#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;

namespace {

using Json = nlohmann::ordered_json;
using Tokens = std::vector<std::int64_t>;

const std::vector<std::string> corpus{"the cat sat on the mat", "the dog sat on the log",
                                      "a cat and a dog"};

/// A folder with a tokenizer.model of 300 tokens, or with another model's.
class Folder {
public:
    Folder() { train_tokenizer(corpus, 300).save(folder_.path()); }
    explicit Folder(const std::filesystem::path& other) {
        write_model(read_bytes(other / "tokenizer.model"));
    }
    std::string model() const { return read_bytes(folder_.path() / "tokenizer.model"); }
    void write_model(const std::string& bytes) const { folder_.write("tokenizer.model", bytes); }
    void write(const char* name, const Json& json) const { folder_.write(name, json.dump()); }
    Tokenizer open() const { return Tokenizer(folder_.path()); }
    std::string refused() const {
        return error_field([&] { open(); });
    }

private:
    TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a trained tokenizer encodes any text and decodes it again") {
    const Tokenizer tokenizer = train_tokenizer(corpus, 300);
    CHECK(tokenizer.bos() == 1);
    CHECK(tokenizer.eos() == 2);
    CHECK(tokenizer.vocab_size() == 300);
    for (const std::string text :
         {"the cat", "unseen WORDS 12", "two\nlines\t  x ", "\xC3\xA9\xE2\x98\x83", ""}) {
        CAPTURE(text);
        const Tokens tokens = tokenizer.encode(text);
        for (const std::int64_t token : tokens) {
            CHECK(token >= 3);  // neither unknown nor BOS nor EOS
            CHECK(token < tokenizer.vocab_size());
        }
        CHECK(tokenizer.decode(tokens) == text);
    }
    CHECK(tokenizer.encode("the cat").size() < tokenizer.encode("xqz vwk").size());
}

TEST_CASE("training is a function of the texts") {
    CHECK(train_tokenizer(corpus, 300).encode("the dog and the cat") ==
          train_tokenizer(corpus, 300).encode("the dog and the cat"));
}

TEST_CASE("control tokens, and tokens outside the vocabulary, have no text") {
    const Tokenizer tokenizer = train_tokenizer(corpus, 300);
    CHECK(tokenizer.decode(Tokens{1, 2}) == "");
    Tokens tokens = tokenizer.encode("the cat");
    tokens.insert(tokens.begin(), {300, -1, std::int64_t{1} << 40});
    CHECK(tokenizer.decode(tokens) == "the cat");
}

TEST_CASE("what SentencePiece refuses is an invalid argument") {
    CHECK_THROWS_AS(train_tokenizer({}, 300), std::invalid_argument);
    CHECK_THROWS_AS(train_tokenizer(corpus, 10), std::invalid_argument);
    CHECK_THROWS_AS(train_tokenizer(corpus, 0), std::invalid_argument);
}

TEST_CASE("a file that is no SentencePiece model is refused") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& bytes) {
        return error_field([&] { open_sentencepiece(folder.path(), bytes); });
    };
    for (const std::string& bytes : {std::string(), std::string("{}"), std::string(1000, '\xFF')}) {
        CHECK(refused(bytes) == "file");
    }
    train_tokenizer(corpus, 300).save(folder.path());
    const std::string whole = read_bytes(folder.path() / "tokenizer.model");
    CHECK(refused(whole) == "no error");
    // Between two pieces, too, where what is left could be parsed.
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(refused(whole.substr(0, length)) == "file");
    }
}

TEST_CASE("BOS begins sequences unless it is not wanted") {
    const Folder folder;
    const auto bos_with = [&](const Json& config) {
        folder.write("tokenizer_config.json", config);
        return folder.open().bos();
    };
    CHECK(bos_with(Json::object()) == 1);
    CHECK(bos_with({{"add_bos_token", nullptr}}) == 1);
    CHECK(bos_with({{"add_bos_token", true}}) == 1);
    CHECK(bos_with({{"add_bos_token", false}}) == std::nullopt);
    CHECK(bos_with({{"bos_token", nullptr}}) == std::nullopt);
    CHECK(bos_with({{"bos_token", {{"content", "</s>"}}}}) == 2);
    for (const Json& wrong : {Json("yes"), Json(1)}) {
        folder.write("tokenizer_config.json", {{"add_bos_token", wrong}});
        CHECK(folder.refused() == "add_bos_token");
    }
    folder.write("tokenizer_config.json", {{"add_bos_token", true}, {"bos_token", nullptr}});
    CHECK(folder.refused() == "bos_token");
    folder.write("tokenizer_config.json", {{"bos_token", "<none>"}});
    CHECK(folder.refused() == "bos_token");
}

TEST_CASE(
    "where add_bos_token is absent, as transformers 5 writes it, tokenizer.json tells of BOS") {
    const Folder folder;
    const Json token{{"SpecialToken", {{"id", "</s>"}, {"type_id", 0}}}};
    const Json text{{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    const auto bos_with = [&](const Json& single, const Json& config) {
        folder.write("tokenizer.json", {{"post_processor",
                                         {{"type", "TemplateProcessing"},
                                          {"single", single},
                                          {"special_tokens", {{"</s>", {{"ids", {2}}}}}}}}});
        folder.write("tokenizer_config.json", config);
        return folder.open().bos();
    };
    CHECK(bos_with({token, text}, Json::object()) == 2);
    CHECK(bos_with({text, token}, Json::object()) == std::nullopt);
    CHECK(bos_with({text}, {{"add_bos_token", true}}) == 1);
    CHECK(bos_with({token, text}, {{"add_bos_token", false}}) == std::nullopt);
    folder.write("tokenizer_config.json", Json::object());
    folder.write("tokenizer.json", {{"post_processor", nullptr}});
    CHECK(folder.open().bos() == std::nullopt);
    folder.write("tokenizer.json", Json::object());
    CHECK(folder.open().bos() == 1);
    folder.write("tokenizer.json", {{"post_processor", {{"type", "BertProcessing"}}}});
    CHECK(folder.refused() == "post_processor.type");
}

TEST_CASE("a special token with an empty text names none") {
    const Folder folder;
    folder.write("tokenizer_config.json",
                 {{"bos_token", ""}, {"eos_token", ""}, {"unk_token", ""}});
    CHECK(folder.open().bos() == 1);
    CHECK(folder.open().eos() == 2);
}

TEST_CASE("a tokenizer.model without BOS is fine where none is wanted") {
    const Folder folder;
    // Protobuf takes the last value of a field: the name of BOS becomes one that no token has.
    const std::string no_bos("\x12\x09\xF2\x02\x06<none>", 11);
    folder.write_model(folder.model() + no_bos);
    CHECK(folder.refused() == "add_bos_token");
    folder.write("tokenizer_config.json", {{"add_bos_token", false}});
    CHECK(folder.open().bos() == std::nullopt);
    folder.write("tokenizer_config.json", {{"bos_token", "<unk>"}});
    CHECK(folder.open().bos() == 0);
}

TEST_CASE("EOS is what the small files name, or tokenizer.model's") {
    const Folder folder;
    CHECK(folder.open().eos() == 2);
    folder.write("config.json", {{"eos_token_id", 7}});
    CHECK(folder.open().eos() == 2);
    folder.write("added_tokens.json", {{"<|end|>", 300}});
    folder.write("special_tokens_map.json", {{"eos_token", "<|end|>"}});
    CHECK(folder.open().eos() == 300);
    folder.write("tokenizer_config.json",
                 {{"eos_token", "<s>"}, {"added_tokens_decoder", Json::object()}});
    CHECK(folder.open().eos() == 1);
    folder.write("tokenizer_config.json",
                 {{"eos_token", "<none>"}, {"added_tokens_decoder", Json::object()}});
    CHECK(folder.refused() == "eos_token");
}

TEST_CASE("each of three files may be the only one to name an added token") {
    const Folder folder;
    SUBCASE("added_tokens.json") {
        folder.write("added_tokens.json", {{"<|end|>", 300}});
        folder.write("tokenizer_config.json", {{"eos_token", "<|end|>"}});
    }
    SUBCASE("tokenizer_config.json") {
        folder.write(
            "tokenizer_config.json",
            {{"added_tokens_decoder", {{"300", {{"content", "<|end|>"}, {"special", true}}}}}});
    }
    SUBCASE("tokenizer.json") {
        folder.write(
            "tokenizer.json",
            {{"added_tokens", {{{"id", 300}, {"content", "<|end|>"}, {"special", true}}}}});
    }
    const Tokenizer tokenizer = folder.open();
    CHECK(tokenizer.vocab_size() == 301);
    Tokens expected = tokenizer.encode("the cat");
    expected.push_back(300);
    CHECK(tokenizer.encode("the cat<|end|>") == expected);
    CHECK(tokenizer.decode(expected) == "the cat");
}

TEST_CASE("numbers of added tokens that do not fit are refused") {
    const Folder folder;
    for (const Json& wrong : {Json{{"<|end|>", 301}}, Json{{"<|end|>", 299}}, Json{{"<|end|>", -1}},
                              Json{{"<|end|>", "300"}}}) {
        folder.write("added_tokens.json", wrong);
        CHECK(folder.refused() == "<|end|>");
    }
    folder.write("added_tokens.json", {{"</s>", 300}});
    CHECK(folder.refused() == "</s>");
    folder.write("added_tokens.json", {{"</s>", 2}});
    CHECK(folder.refused() == "no error");
    folder.write("added_tokens.json", {{"<|end|>", 300}});
    folder.write("tokenizer_config.json",
                 {{"added_tokens_decoder", {{"301", {{"content", "<|end|>"}}}}}});
    CHECK(folder.refused() == "<|end|>");  // not the same in both
    folder.write("tokenizer.json", Json::array());
    CHECK(folder.refused() == "JSON");
}

TEST_CASE("special tokens of tokenizer.model are found in texts") {
    const Tokenizer tokenizer = Folder().open();
    CHECK(tokenizer.encode("</s><unk><s>") == Tokens{2, 0, 1});
    CHECK(tokenizer.decode(Tokens{2, 0, 1}) == "");
}

TEST_CASE("where the space before a text goes") {
    const Folder folder;
    folder.write("added_tokens.json", {{"<x>", 300}});
    const auto tokens = [&](const Json& config, const std::string& text) {
        folder.write("tokenizer_config.json", config);
        return folder.open().encode(text);
    };
    const auto joined = [](Tokens first, const Tokens& second) {
        first.push_back(300);
        first.insert(first.end(), second.begin(), second.end());
        return first;
    };
    const Json legacy{{"legacy", true}};
    const Json never{{"add_prefix_space", false}};
    const Tokens with_space = tokens(Json::object(), "cat");
    const Tokens without = tokens(never, "cat");
    CHECK(with_space != without);
    CHECK(tokens(never, " cat") == with_space);
    CHECK(tokens(Json::object(), "cat<x>cat") == joined(with_space, without));
    CHECK(tokens({{"legacy", nullptr}}, "cat<x>cat") == joined(with_space, without));
    CHECK(tokens({{"legacy", false}}, "<x>cat") == joined({}, without));
    CHECK(tokens(legacy, "cat<x>cat") == joined(with_space, with_space));
    CHECK(tokens(never, "cat<x>cat") == joined(without, without));
    CHECK(tokens(Json::object(), "cat<x> cat") == joined(with_space, with_space));

    // <x> is no special token, so that it has a text.
    for (const Json& config : {Json::object(), never}) {
        folder.write("tokenizer_config.json", config);
        const Tokenizer tokenizer = folder.open();
        for (const char* text : {"cat<x>cat", "<x>cat<x>", " a<x> b ", "<x><x>", "cat"}) {
            CAPTURE(text);
            CHECK(tokenizer.decode(tokenizer.encode(text)) == text);
        }
    }
    folder.write("tokenizer_config.json", {{"sp_model_kwargs", Json::object()}});
    CHECK(folder.refused() == "no error");
    folder.write("tokenizer_config.json", {{"sp_model_kwargs", {{"enable_sampling", true}}}});
    CHECK(folder.refused() == "sp_model_kwargs");
    for (const char* field : {"legacy", "add_prefix_space"}) {
        folder.write("tokenizer_config.json", {{field, "yes"}});
        CHECK(folder.refused() == field);
    }
}

TEST_SUITE("shared") {
    TEST_CASE("the tokenizer of stories260K") {
        const Tokenizer tokenizer(std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K");
        CHECK(tokenizer.vocab_size() == 512);
        CHECK(tokenizer.bos() == 1);
        CHECK(tokenizer.eos() == 2);
        CHECK(tokenizer.encode("Once upon a time") == Tokens{403, 407, 261, 378});
        CHECK(tokenizer.decode(Tokens{403, 407, 261, 378}) == "Once upon a time");
        CHECK(tokenizer.encode("<|im_start|>user") ==
              Tokens{410, 504, 506, 288, 98, 356, 295, 413, 506, 505, 425, 419, 285});
    }

    TEST_CASE("added tokens of stories260K as transformers 5 reads them") {
        const Folder folder(std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K");
        folder.write("added_tokens.json", {{"<|im_end|>", 512}, {"<|im_start|>", 513}});
        folder.write("tokenizer_config.json", {{"eos_token", "<|im_end|>"},
                                               {"additional_special_tokens", {"<|im_start|>"}}});
        const Tokenizer tokenizer = folder.open();
        CHECK(tokenizer.vocab_size() == 514);
        CHECK(tokenizer.eos() == 512);
        CHECK(tokenizer.encode("<|im_start|>user") == Tokens{513, 425, 419, 285});
        const Tokens turn{261, 410, 513, 318, 419, 285, 512, 13, 444};
        CHECK(tokenizer.encode("a <|im_start|> user<|im_end|>\nx") == turn);
        CHECK(tokenizer.decode(turn) == "a  user\nx");
        CHECK(tokenizer.encode("</s>x") == Tokens{2, 444});
        // With "legacy": true, as releases 4 and 5 read it.
        folder.write("tokenizer_config.json", {{"legacy", true}});
        CHECK(folder.open().encode("<|im_start|>user") == Tokens{513, 318, 419, 285});
    }
}
