#include "text/sentencepiece_tokenizer.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;

namespace {

using Tokens = std::vector<std::int64_t>;

const std::vector<std::string> corpus{"the cat sat on the mat", "the dog sat on the log",
                                      "a cat and a dog"};

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
    CHECK(error_field([&] { open_sentencepiece(folder.path() / "none"); }) == "file");
    for (const std::string& bytes : {std::string(), std::string("{}"), std::string(1000, '\xFF')}) {
        const auto file = folder.write("tokenizer.model", bytes);
        CHECK(error_field([&] { open_sentencepiece(file); }) == "file");
    }
    train_tokenizer(corpus, 300).save(folder.path());
    const std::string whole = read_bytes(folder.path() / "tokenizer.model");
    const auto half = folder.write("half", whole.substr(0, whole.size() / 2));
    CHECK(error_field([&] { open_sentencepiece(half); }) == "file");
}

TEST_SUITE("shared") {
    TEST_CASE("the tokenizer of stories260K") {
        const Tokenizer tokenizer(std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K");
        CHECK(tokenizer.vocab_size() == 512);
        CHECK(tokenizer.bos() == 1);
        CHECK(tokenizer.eos() == 2);
        CHECK(tokenizer.encode("Once upon a time") == Tokens{403, 407, 261, 378});
        CHECK(tokenizer.decode(Tokens{403, 407, 261, 378}) == "Once upon a time");
    }
}
