#include "text/tokenizer.hpp"

#include <string>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tokenizer_json.hpp"
#include "text/sentencepiece_tokenizer.hpp"

using namespace fed_llm;

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

TEST_CASE("a saved tokenizer loads again, with the small files beside it") {
    const TemporaryFolder folder;
    const auto from = folder.path() / "from";
    const auto to = folder.path() / "new" / "to";
    SUBCASE("SentencePiece") {
        train_tokenizer({"the cat sat on the mat"}, 290).save(from);
    }
    SUBCASE("byte level") {
        folder.write("from/tokenizer.json",
                     stored_tokenizers().at("llama3").at("tokenizer").dump());
    }
    folder.write("from/tokenizer_config.json", R"({"eos_token": "<|end|>"})");
    folder.write("from/generation_config.json", "{}");
    folder.write("from/unknown.json", "{}");
    const Tokenizer tokenizer(from);
    tokenizer.save(to);
    const Tokenizer loaded(to);
    CHECK(loaded.encode("the mat sat") == tokenizer.encode("the mat sat"));
    CHECK(loaded.bos() == tokenizer.bos());
    CHECK(loaded.eos() == tokenizer.eos());
    CHECK(loaded.vocab_size() == tokenizer.vocab_size());
    for (const char* name :
         {"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "generation_config.json"}) {
        CAPTURE(name);
        CHECK(std::filesystem::exists(from / name) == std::filesystem::exists(to / name));
        CHECK(read_bytes(from / name) == read_bytes(to / name));
    }
    CHECK_FALSE(std::filesystem::exists(to / "unknown.json"));
}
