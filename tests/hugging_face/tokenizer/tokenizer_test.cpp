#include "hugging_face/tokenizer/tokenizer.hpp"

#include <string>

#include "hugging_face/support/tokenizer_json.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;

TEST_CASE("a folder without a tokenizer is refused") {
    const TemporaryFolder folder;
    CHECK(error_field([&] { Tokenizer(folder.path()); }) == "tokenizer");
    CHECK(error_field([&] { Tokenizer(folder.path() / "none"); }) == "tokenizer");
}

TEST_CASE("tokenizer.model comes before tokenizer.json") {
    const TemporaryFolder folder;
    const Tokenizer trained = train_tokenizer({"the cat sat on the mat"}, 290);
    trained.save(folder.path());
    folder.write("tokenizer.json", "{}");
    CHECK(Tokenizer(folder.path()).vocab_size() == trained.vocab_size());
}

TEST_CASE("Llama 3's tokenizer.model leaves the word to tokenizer.json") {
    const TemporaryFolder folder;
    const std::string list = "IQ== 0\nIg== 1\nIw== 2\n";
    folder.write("tokenizer.model", list);
    folder.write("tokenizer_config.json", R"({"eos_token": "<|end|>"})");
    const auto open = [&] { return Tokenizer(folder.path()); };
    CHECK(error_field(open) == "file");
    const std::string json = stored_tokenizers().at("llama3").at("tokenizer").dump();
    folder.write("tokenizer.json", json);
    const Tokenizer tokenizer = open();
    tokenizer.save(folder.path() / "saved");
    CHECK(Tokenizer(folder.path() / "saved").encode("the mat") == tokenizer.encode("the mat"));
    CHECK(read_bytes(folder.path() / "saved" / "tokenizer.json") == json);

    for (const std::string& other :
         {std::string(), list.substr(0, 10), std::string("{}"), std::string("\n\x0E")}) {
        folder.write("tokenizer.model", other);
        CHECK(error_field(open) == "file");
    }
}

TEST_CASE("a saved tokenizer loads again, with the small files beside it") {
    const TemporaryFolder folder;
    const auto from = folder.path() / "from";
    const auto to = folder.path() / "new" / "to";
    SUBCASE("SentencePiece") {
        train_tokenizer({"the cat sat on the mat"}, 290).save(from);
        folder.write("from/added_tokens.json", R"({"<|end|>": 290})");
    }
    SUBCASE("SentencePiece beside a tokenizer.json that names a token") {
        train_tokenizer({"the cat sat on the mat"}, 290).save(from);
        folder.write("from/tokenizer.json",
                     R"({"added_tokens": [{"id": 290, "content": "<|end|>", "special": true}]})");
    }
    SUBCASE("byte level") {
        folder.write("from/tokenizer.json",
                     stored_tokenizers().at("llama3").at("tokenizer").dump());
    }
    folder.write("from/tokenizer_config.json", R"({"eos_token": "<|end|>"})");
    folder.write("from/unknown.json", "{}");
    const Tokenizer tokenizer(from);
    tokenizer.save(to);
    const Tokenizer loaded(to);
    CHECK(loaded.encode("the mat sat") == tokenizer.encode("the mat sat"));
    CHECK(loaded.bos() == tokenizer.bos());
    CHECK(loaded.eos() == tokenizer.eos());
    CHECK(loaded.vocab_size() == tokenizer.vocab_size());
    for (const char* name :
         {"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "added_tokens.json"}) {
        CAPTURE(name);
        CHECK(std::filesystem::exists(from / name) == std::filesystem::exists(to / name));
        CHECK(read_bytes(from / name) == read_bytes(to / name));
    }
    CHECK_FALSE(std::filesystem::exists(to / "unknown.json"));
}
