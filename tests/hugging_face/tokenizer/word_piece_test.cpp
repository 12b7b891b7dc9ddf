#include "hugging_face/tokenizer/word_piece.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;

namespace {

using Json = nlohmann::ordered_json;
using Tokens = std::vector<std::int64_t>;

const std::string special = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
// 5 the, 6 cat, 7 play, 8 ##ing, 9 ##s, 10 a, 11 ##a, 12 The, 13 cafe, 14 café, 15 我, 16 [, 17 ],
// 18 mask, 19 ##ingly, 20 plays
const std::string vocabulary =
    special +
    "the\ncat\nplay\n##ing\n##s\na\n##a\nThe\ncafe\ncaf\xC3\xA9\n\xE6\x88\x91\n[\n]\nmask\n##"
    "ingly\nplays\n";

class Folder {
public:
    explicit Folder(const std::string& vocab = vocabulary) { write("vocab.txt", vocab); }
    Folder(const std::string& vocab, const Json& config) : Folder(vocab) { configure(config); }

    void write(const char* name, const std::string& bytes) const { folder_.write(name, bytes); }
    void configure(const Json& config) const { write("tokenizer_config.json", config.dump()); }
    const std::filesystem::path& path() const { return folder_.path(); }
    WordPiece open(std::int64_t max_length = WordPiece::any_length) const {
        return WordPiece(path(), max_length);
    }

    /// The tokens between [CLS] and [SEP].
    Tokens inside(const std::string& text) const {
        Tokens tokens = open().encode(text);
        REQUIRE(tokens.size() >= 2);
        CHECK(tokens.front() == 2);
        CHECK(tokens.back() == 3);
        return {tokens.begin() + 1, tokens.end() - 1};
    }

    std::string refused() const {
        return error_field([&] { open(); });
    }
    std::string message() const {
        try {
            open();
        } catch (const files::FileError& error) {
            return error.what();
        }
        return "no error";
    }

private:
    TemporaryFolder folder_;
};

std::string refused_config(const Json& config) {
    return Folder(vocabulary, config).refused();
}

}  // namespace

TEST_CASE("a word becomes the longest tokens that it begins with") {
    const Folder folder;
    CHECK(folder.open().vocab_size() == 21);
    CHECK(folder.open().pad() == 0);
    CHECK(folder.open().encode("the cat") == Tokens{2, 5, 6, 3});
    CHECK(folder.open().encode("") == Tokens{2, 3});
    CHECK(folder.inside("playing playings plays playsing") == Tokens{7, 8, 7, 8, 9, 20, 20, 8});
    CHECK(folder.inside("playingly cats") == Tokens{7, 19, 6, 9});
    CHECK(folder.inside("playx xplay ing ##ing") == Tokens{1, 1, 1, 1, 1, 1});  // signs, twice
    CHECK(folder.inside("THE  \t\nCAF\xC3\x89") == Tokens{5, 13});
    CHECK(folder.inside("the\xE6\x88\x91"
                        "cat") == Tokens{5, 15, 6});
}

TEST_CASE("a word of more than 100 characters is unknown") {
    const Folder folder;
    Tokens all(100, 11);
    all.front() = 10;
    CHECK(folder.inside(std::string(100, 'a')) == all);
    CHECK(folder.inside(std::string(101, 'a')) == Tokens{1});
    std::string accents;  // characters count after accents went
    for (int i = 0; i < 100; ++i) accents += "\xC3\xA1";
    CHECK(folder.inside(accents) == all);
    CHECK(folder.inside(accents + "a") == Tokens{1});
}

TEST_CASE("cased and uncased, with accents and without, as tokenizer_config.json says") {
    const std::string text =
        "The caf\xC3\xA9 \xE6\x88\x91"
        "a";
    CHECK(Folder().inside(text) == Tokens{5, 13, 15, 10});
    CHECK(Folder(vocabulary, {{"do_lower_case", false}}).inside(text) == Tokens{12, 14, 15, 10});
    CHECK(Folder(vocabulary, {{"strip_accents", false}}).inside(text) == Tokens{5, 14, 15, 10});
    CHECK(Folder(vocabulary, {{"do_lower_case", false}, {"strip_accents", true}}).inside(text) ==
          Tokens{12, 13, 15, 10});
    CHECK(Folder(vocabulary, {{"tokenize_chinese_chars", false}, {"strip_accents", nullptr}})
              .inside(text) == Tokens{5, 13, 15, 11});
}

TEST_CASE("special tokens are found in the text as they are written") {
    const Folder folder;
    CHECK(folder.inside("the [MASK]cat[SEP]") == Tokens{5, 4, 6, 3});
    CHECK(folder.inside("cat[MASK]s") == Tokens{6, 4, 1});
    CHECK(folder.inside("[mask] [ MASK ]") == Tokens{16, 18, 17, 16, 18, 17});
    CHECK(folder.inside("[CLS][PAD][UNK]") == Tokens{2, 0, 1});
}

TEST_CASE("special tokens have the names that the small files give them") {
    const Folder folder("<pad>\n<s>\n[CLS]\n[SEP]\n<m>\n[UNK]\nthe\n",
                        {{"pad_token", "<pad>"},
                         {"unk_token", {{"content", "<s>"}, {"lstrip", false}}},
                         {"mask_token", "<m>"}});
    CHECK(folder.open().pad() == 0);
    CHECK(folder.inside("the cat<m><pad>") == Tokens{6, 1, 4, 0});
    CHECK(folder.inside("[UNK]") == Tokens{1, 1, 1});  // in three parts
    folder.write("special_tokens_map.json", R"({"unk_token": "[UNK]"})");
    CHECK(folder.inside("the cat") == Tokens{6, 5});
}

TEST_CASE("added tokens are not cut, and follow the vocabulary") {
    const Json the{{"content", "the"}, {"special", true}};
    const Json fresh{{"content", "<Note>"}};
    const Folder folder(vocabulary, {{"added_tokens_decoder", {{"5", the}, {"21", fresh}}}});
    CHECK(folder.open().vocab_size() == 22);
    CHECK(folder.inside("thecat<Note>s <note> The") == Tokens{5, 6, 21, 1, 1, 1, 1, 5});
    folder.configure({{"additional_special_tokens", {"<Note>", "cat", "not a token"}}});
    folder.write("added_tokens.json", R"({"<Note>": 21})");
    CHECK(folder.inside("thecats<Note>") == Tokens{5, 6, 1, 21});

    CHECK(refused_config({{"added_tokens_decoder", {{"22", fresh}}}}) == "added_tokens_decoder.22");
    CHECK(refused_config({{"added_tokens_decoder", {{"6", the}}}}) == "added_tokens_decoder.6");
    const Json normalized{{"content", "<Note>"}, {"normalized", true}};
    CHECK(refused_config({{"added_tokens_decoder", {{"21", normalized}}}}) ==
          "added_tokens_decoder.21.normalized");
}

TEST_CASE("a long text loses its end, and keeps [SEP]") {
    const std::string text = "the cat playing";
    CHECK(Folder().open().encode(text) == Tokens{2, 5, 6, 7, 8, 3});
    CHECK(Folder().open(6).encode(text) == Tokens{2, 5, 6, 7, 8, 3});
    CHECK(Folder().open(5).encode(text) == Tokens{2, 5, 6, 7, 3});
    CHECK(Folder().open(3).encode(text) == Tokens{2, 5, 3});
    const Folder folder(vocabulary, {{"model_max_length", 4}});
    CHECK(folder.open().encode(text) == Tokens{2, 5, 6, 3});
    CHECK(folder.open(5).max_length() == 4);
    CHECK(folder.open(3).max_length() == 3);
    for (const std::string none : {"null", "1000000000000000019884624838656", "1e30"}) {
        folder.write("tokenizer_config.json", R"({"model_max_length": )" + none + "}");
        CHECK(folder.open().max_length() == WordPiece::any_length);
        CHECK(folder.open().encode(text).size() == 6);
    }
    folder.configure({{"model_max_length", std::uint64_t{1} << 63}});
    CHECK(folder.open().max_length() == WordPiece::any_length);
    for (const Json& wrong : {Json(2), Json(-1), Json(12.5), Json("512"), Json(true), Json("")}) {
        CHECK(refused_config({{"model_max_length", wrong}}) == "model_max_length");
    }
    CHECK_THROWS_AS(folder.open(2), std::invalid_argument);
}

TEST_CASE("a pair is one sequence of two types") {
    const auto pair = Folder().open().encode("the cats", "a");
    CHECK(pair.tokens == Tokens{2, 5, 6, 9, 3, 10, 3});
    CHECK(pair.types == Tokens{0, 0, 0, 0, 0, 1, 1});
    const auto empty = Folder().open().encode("", "");
    CHECK(empty.tokens == Tokens{2, 3, 3});
    CHECK(empty.types == Tokens{0, 0, 1});
}

TEST_CASE("of a pair that is too long the longer text is cut first") {
    const std::string five = "the the the the the";
    const std::string four = "cat cat cat cat";
    const std::string one = "a";
    // By the most tokens beside [CLS] and twice [SEP]: how many of the first and the second stay.
    const auto kept = [](const std::string& first, const std::string& second, std::int64_t most) {
        const auto pair = Folder().open(most + 3).encode(first, second);
        const auto second_size = std::count(pair.types.begin(), pair.types.end(), 1);
        CHECK(pair.types.size() == pair.tokens.size());
        CHECK(pair.tokens.back() == 3);
        return std::pair(static_cast<std::int64_t>(pair.tokens.size()) - second_size - 2,
                         second_size - 1);
    };
    using Kept = std::pair<std::int64_t, std::int64_t>;
    CHECK(kept(five, four, 9) == Kept{5, 4});
    CHECK(kept(five, four, 8) == Kept{4, 4});
    CHECK(kept(five, four, 7) == Kept{4, 3});
    CHECK(kept(four, five, 7) == Kept{3, 4});
    CHECK(kept(four, four, 7) == Kept{3, 4});
    CHECK(kept(four, four, 6) == Kept{3, 3});
    CHECK(kept(five, one, 4) == Kept{3, 1});
    CHECK(kept(one, five, 4) == Kept{1, 3});
    CHECK(kept(one, five, 1) == Kept{0, 1});
    CHECK(kept(five, one, 1) == Kept{1, 0});
    CHECK(kept(five, "", 3) == Kept{3, 0});
    CHECK(kept(five, four, 0) == Kept{0, 0});
}

TEST_CASE("bytes that are no UTF-8 are passed over") {
    CHECK(Folder().inside("the\xFF c\xC3\x61t \x80") == Tokens{5, 6});
}

TEST_CASE("lines may end as on Windows, and the last need not") {
    std::string windows;
    for (const char letter : vocabulary)
        windows += letter == '\n' ? "\r\n" : std::string(1, letter);
    const Folder folder(windows);
    CHECK(folder.inside("playing The") == Tokens{7, 8, 5});
    folder.write("vocab.txt", "\xEF\xBB\xBF" + special + "the");
    CHECK(folder.inside("the") == Tokens{5});
    CHECK(folder.open().vocab_size() == 6);
}

TEST_CASE("a vocabulary that is not one is refused at its line") {
    const Folder folder(special + "the\ncat\nthe\n");
    CHECK(
        folder.message().ends_with("vocab.txt: line 8: expected a token that no line has before,"
                                   " got \"the\", which line 6 has"));
    folder.write("vocab.txt", special + "the\n\ncat\n");
    CHECK(folder.message().ends_with("line 7: expected a token, got an empty line"));
    folder.write("vocab.txt", special + "the\n\n");
    CHECK(folder.refused() == "line 7");
    folder.write("vocab.txt", special + "th\xFF\n");
    CHECK(folder.message().ends_with("line 6: expected UTF-8, got \"th\xEF\xBF\xBD\""));
    folder.write("vocab.txt", special + "a\rb\n");
    CHECK(folder.refused() == "line 6");
    folder.write("vocab.txt", special + std::string(1 << 20, '\xFF'));
    CHECK(folder.message().size() < 1000);
    folder.write("vocab.txt", "");
    CHECK(folder.refused() == "cls_token");
    std::filesystem::remove(folder.path() / "vocab.txt");
    CHECK(folder.refused() == "file");
}

TEST_CASE("every special token is in the vocabulary") {
    const std::vector<std::pair<std::string, std::string>> tokens{{"cls_token", "[CLS]"},
                                                                  {"sep_token", "[SEP]"},
                                                                  {"unk_token", "[UNK]"},
                                                                  {"pad_token", "[PAD]"},
                                                                  {"mask_token", "[MASK]"}};
    for (const auto& [field, name] : tokens) {
        std::string without = vocabulary;
        without.erase(without.find(name), name.size() + 1);
        const std::string message = Folder(without).message();
        CHECK(message.ends_with("vocab.txt: " + field + ": expected a line \"" + name +
                                "\", got none"));
        for (const Json& wrong : {Json("<none>"), Json(nullptr), Json(""), Json(7)}) {
            CHECK(refused_config({{field, wrong}}) == field);
        }
    }
}

TEST_CASE("what this program has not is refused") {
    for (const char* known : {"BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer",
                              "DistilBertTokenizerFast", "ElectraTokenizerFast"}) {
        CHECK(refused_config({{"tokenizer_class", known}}) == "no error");
    }
    for (const Json& other : {Json("PhobertTokenizer"), Json("Bert"), Json(1), Json("")}) {
        CHECK(refused_config({{"tokenizer_class", other}}) == "tokenizer_class");
    }
    CHECK(refused_config({{"do_basic_tokenize", false}}) == "do_basic_tokenize");
    CHECK(refused_config({{"never_split", {"the"}}}) == "never_split");
    CHECK(refused_config({{"truncation_side", "left"}}) == "truncation_side");
    CHECK(refused_config({{"do_lower_case", "yes"}}) == "do_lower_case");
    CHECK(refused_config({{"strip_accents", 1}}) == "strip_accents");
    CHECK(refused_config({{"split_special_tokens", true}}) == "split_special_tokens");
    CHECK(refused_config(Json::array()) == "JSON");
    CHECK(refused_config({{"do_basic_tokenize", true},
                          {"never_split", nullptr},
                          {"truncation_side", "right"}}) == "no error");
}

TEST_CASE("a saved tokenizer is the same again") {
    const Folder folder(vocabulary, {{"do_lower_case", false}, {"model_max_length", 5}});
    folder.write("added_tokens.json", R"({"<Note>": 21})");
    const std::string text = "The <Note> cats play";
    folder.open().save(folder.path() / "saved");
    CHECK(WordPiece(folder.path() / "saved").encode(text) == folder.open().encode(text));
    CHECK(folder.open().encode(text) == Tokens{2, 12, 21, 6, 3});
}

TEST_SUITE("shared") {
    /// bert-base-uncased's vocab.txt, which all-MiniLM-L6-v2 has, too.
    WordPiece bert_base_uncased() {
        return WordPiece(
            std::filesystem::path(FERRET_SHARED_DIR) / "models/tokenizers/bert-base-uncased", 512);
    }

    void check_sentences(const WordPiece& tokenizer, const Json& expected) {
        CHECK(tokenizer.max_length() == expected.at("max_length"));
        CHECK(expected.at("sentences").size() == 30);
        for (const Json& sentence : expected.at("sentences")) {
            const auto text = sentence.at("text").get<std::string>();
            CAPTURE(text);
            CHECK(tokenizer.encode(text) == sentence.at("ids").get<Tokens>());
        }
    }

    TEST_CASE("tricky sentences as transformers encodes them") {
        const auto models = std::filesystem::path(FERRET_SHARED_DIR) / "models";
        const auto expected = [&](const char* name) {
            return files::read_json(models / name / "expected.json", 1 << 24);
        };
        for (const char* name : {"tiny-bert", "tiny-distilbert"}) {  // of the same sentences
            check_sentences(WordPiece(models / name), expected("tiny-bert"));
        }
        check_sentences(bert_base_uncased(), expected("minilm-expected"));
    }

    TEST_CASE("CoLA and SST-2 have as many tokens as transformers finds") {
        const std::filesystem::path shared(FERRET_SHARED_DIR);
        const Json corpora =
            files::read_json(shared / "models/minilm-expected/expected.json", 1 << 24)
                .at("corpora");
        const WordPiece tokenizer = bert_base_uncased();
        for (const char* name : {"cola/train", "cola/dev", "sst2/train", "sst2/dev"}) {
            CAPTURE(name);
            const bool cola = std::string(name).starts_with("cola");
            std::ifstream file(shared / "data" / (std::string(name) + ".tsv"));
            std::string line;
            if (!cola) std::getline(file, line);  // names of the columns
            std::size_t rows = 0;
            std::size_t tokens = 0;
            std::size_t longest = 0;
            while (std::getline(file, line)) {
                const std::size_t count = tokenizer
                                              .encode(cola ? line.substr(line.rfind('\t') + 1)
                                                           : line.substr(0, line.find('\t')))
                                              .size();
                ++rows;
                tokens += count;
                longest = std::max(longest, count);
            }
            CHECK(rows == corpora.at(name).at("rows"));
            CHECK(tokens == corpora.at(name).at("tokens"));
            CHECK(longest == corpora.at(name).at("longest"));
        }
    }
}
