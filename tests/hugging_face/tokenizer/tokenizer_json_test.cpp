#include "hugging_face/tokenizer/tokenizer_json.hpp"

#include <functional>
#include <string>

#include "hugging_face/support/tokenizer_json.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace hugging_face;
using Json = nlohmann::ordered_json;

namespace {

/// The field that is refused after `change` was made to a good tokenizer.json.
std::string refused(const std::function<void(Json&)>& change) {
    Json json = stored_tokenizers().at("llama3").at("tokenizer");
    change(json);
    return error_field([&] { parse_tokenizer_json(json.dump(), "tokenizer.json"); });
}

std::string refused_with(const std::string& pointer, const Json& value) {
    return refused([&](Json& json) { json[Json::json_pointer(pointer)] = value; });
}

}  // namespace

TEST_CASE("the parts of a tokenizer.json") {
    const Json& llama = stored_tokenizers().at("llama3").at("tokenizer");
    const TokenizerJson read = parse_tokenizer_json(llama.dump(), "tokenizer.json");
    CHECK(read.tokens.size() ==
          llama.at("model").at("vocab").size() + llama.at("added_tokens").size());
    CHECK(read.tokens.size() == read.ids.size());
    CHECK_FALSE(read.composed);
    REQUIRE(read.first_token);
    CHECK(*read.first_token == read.ids.at("<|im_start|>"));
    const auto token = [&](const char* name) {
        return read.tokens[static_cast<std::size_t>(read.ids.at(name))];
    };
    CHECK(token("<|im_start|>").special);
    CHECK_FALSE(token("<tool>").special);
    CHECK(token("\xC4\xA0").bytes == " ");

    const Json& qwen = stored_tokenizers().at("qwen2.5").at("tokenizer");
    const TokenizerJson composed = parse_tokenizer_json(qwen.dump(), "tokenizer.json");
    CHECK(composed.composed);
    CHECK_FALSE(composed.first_token);
}

TEST_CASE("merges may be texts or pairs") {
    const auto tokens_of = [](const Json& json) {
        std::vector<std::int64_t> tokens;
        parse_tokenizer_json(json.dump(), "tokenizer.json").encoding->encode("the", tokens);
        return tokens;
    };
    Json json = stored_tokenizers().at("smollm2").at("tokenizer");
    const auto expected = tokens_of(json);
    CHECK(expected.size() < 3);
    REQUIRE(json["model"]["merges"][0].is_array());
    for (Json& merge : json["model"]["merges"]) {
        merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
    }
    CHECK(tokens_of(json) == expected);
}

TEST_CASE("an added token is matched in the form that the normalizer gives it") {
    Json json = stored_tokenizers().at("qwen2.5").at("tokenizer");
    Json& added = json["added_tokens"].back();
    REQUIRE(added.at("normalized") == true);
    added["content"] = "e\xCC\x81!";
    const TokenizerJson read = parse_tokenizer_json(json.dump(), "tokenizer.json");
    const auto segments = read.added_after.split("\xC3\xA9!");
    REQUIRE(segments.size() == 1);
    CHECK(segments.front().token == added.at("id"));
}

TEST_CASE("what is no tokenizer is refused") {
    const auto field = [](const std::string& text) {
        return error_field([&] { parse_tokenizer_json(text, "tokenizer.json"); });
    };
    CHECK(field("[]") == "JSON");
    CHECK(field("{}") == "model.vocab");
    CHECK(field("{") != "no error");
    CHECK(refused([](Json&) {}) == "no error");
}

TEST_CASE("a model that is no byte-level BPE is refused by field") {
    CHECK(refused_with("/model/type", "Unigram") == "model.type");
    CHECK(refused_with("/model/type", nullptr) == "model.type");
    CHECK(refused_with("/model/byte_fallback", true) == "model.byte_fallback");
    CHECK(refused([](Json& json) {  // LLaMA 2's, which has other steps, too
              json["model"]["byte_fallback"] = true;
              json["normalizer"] = {{"type", "Prepend"}, {"prepend", "_"}};
          }) == "model.byte_fallback");
    CHECK(refused_with("/model/dropout", 0.1) == "model.dropout");
    CHECK(refused_with("/model/continuing_subword_prefix", "##") ==
          "model.continuing_subword_prefix");
    CHECK(refused_with("/model/end_of_word_suffix", "</w>") == "model.end_of_word_suffix");
    CHECK(refused_with("/model/ignore_merges", 1) == "model.ignore_merges");
    CHECK(refused_with("/model/vocab", Json::array()) == "model.vocab");
    CHECK(refused_with("/model/merges", 5) == "model.merges");
    CHECK(refused_with("/model/merges/3", "nospace") == "model.merges[3]");
    CHECK(refused_with("/model/merges/3", Json::array({"a"})) == "model.merges[3]");
    CHECK(refused_with("/model/merges/3", Json::array({"\xC4\xA0", 5})) == "model.merges[3][1]");
    CHECK(refused_with("/model/merges/3", "\xE2\x96\x81 a") == "model.merges[3]");
    CHECK(refused_with("/model/merges/3", "q q") == "model.merges[3]");
    CHECK(refused_with("/model/unk_token", "<|end|>") == "no error");  // never needed
    CHECK(refused([](Json& json) {
              json["model"]["unk_token"] = "<|end|>";
              const auto id = json["model"]["vocab"]["q"];
              json["model"]["vocab"].erase("q");
              json["model"]["vocab"]["\xE2\x96\x81"] = id;
              json["model"]["merges"] = Json::array();
          }) == "model.unk_token");
}

TEST_CASE("tokens have the numbers from 0 on, each one name") {
    CHECK(refused_with("/model/vocab/q", 1'000'000'000'000) == "model.vocab.q");
    CHECK(refused_with("/model/vocab/q", -1) == "model.vocab.q");
    CHECK(refused_with("/model/vocab/q", "1") == "model.vocab.q");
    CHECK(refused([](Json& json) { json["model"]["vocab"]["r"] = json["model"]["vocab"]["q"]; }) ==
          "model.vocab.r");
    CHECK(refused_with("/added_tokens/0/id", 5) == "added_tokens[0].id");
    CHECK(refused_with("/added_tokens/0/content", "q") == "added_tokens[0].id");
    CHECK(refused_with("/added_tokens/0/content", "") == "added_tokens[0].content");
    CHECK(refused_with("/added_tokens/0/content", nullptr) == "added_tokens[0].content");
    CHECK(refused_with("/added_tokens/1/lstrip", true) == "added_tokens[1].lstrip");
    CHECK(refused_with("/added_tokens/1/rstrip", true) == "added_tokens[1].rstrip");
    CHECK(refused_with("/added_tokens/1/single_word", true) == "added_tokens[1].single_word");
    CHECK(refused_with("/added_tokens/1/special", "yes") == "added_tokens[1].special");
    CHECK(refused_with("/added_tokens", 5) == "added_tokens");
}

TEST_CASE("a normalizer may be a sequence of steps") {
    const auto composed = [](const Json& normalizer) {
        Json json = stored_tokenizers().at("llama3").at("tokenizer");
        json["normalizer"] = normalizer;
        return parse_tokenizer_json(json.dump(), "tokenizer.json").composed;
    };
    const auto sequence = [](const Json& steps) {
        return Json{{"type", "Sequence"}, {"normalizers", steps}};
    };
    const Json nfc{{"type", "NFC"}};
    const Json nfkc{{"type", "NFKC"}};
    CHECK_FALSE(composed(nullptr));
    CHECK_FALSE(composed(sequence(Json::array())));
    CHECK_FALSE(composed(sequence(Json::array({sequence(Json::array())}))));
    CHECK(composed(nfc));
    CHECK(composed(sequence(Json::array({nfc}))));
    CHECK(composed(sequence(Json::array({nfc, nfc}))));
    CHECK(composed(sequence(Json::array({sequence(Json::array()), sequence(Json::array({nfc}))}))));
    CHECK(refused_with("/normalizer", sequence(Json::array({nfc, nfkc}))) ==
          "normalizer.normalizers[1].type");
    CHECK(refused_with("/normalizer", sequence(Json::array({sequence(Json::array({nfkc}))}))) ==
          "normalizer.normalizers[0].normalizers[0].type");
    CHECK(refused_with("/normalizer", sequence(Json::array({nullptr}))) ==
          "normalizer.normalizers[0]");
    CHECK(refused_with("/normalizer", sequence(nullptr)) == "normalizer.normalizers");
    CHECK(refused_with("/normalizer", sequence(5)) == "normalizer.normalizers");
    CHECK(refused_with("/normalizer", {{"type", "Sequence"}}) == "normalizer.normalizers");
    CHECK(refused_with("/normalizer", Json::object()) == "normalizer.type");
    CHECK(refused_with("/normalizer", {{"type", nullptr}}) == "normalizer.type");
}

TEST_CASE("steps that are not supported are refused by field") {
    CHECK(refused_with("/normalizer", {{"type", "NFKC"}}) == "normalizer.type");
    CHECK(refused_with("/normalizer", 5) == "normalizer");
    CHECK(refused_with("/pre_tokenizer", nullptr) == "pre_tokenizer");
    CHECK(refused_with("/pre_tokenizer", {{"type", "Metaspace"}}) == "pre_tokenizer.type");
    CHECK(refused_with("/pre_tokenizer/pretokenizers/0/behavior", "Removed") ==
          "pre_tokenizer.pretokenizers[0].behavior");
    CHECK(refused_with("/pre_tokenizer/pretokenizers/0/behavior", nullptr) ==
          "pre_tokenizer.pretokenizers[0].behavior");
    CHECK(refused_with("/pre_tokenizer/pretokenizers/0/pattern", {{"Regex", "("}}) ==
          "pre_tokenizer.pretokenizers[0].pattern.Regex");
    CHECK(refused_with("/pre_tokenizer/pretokenizers/0/pattern", {{"String", "-"}}) ==
          "pre_tokenizer.pretokenizers[0].pattern.Regex");
    CHECK(refused([](Json& json) {
              Json& steps = json["pre_tokenizer"]["pretokenizers"];
              steps.push_back(steps[0]);
          }) == "pre_tokenizer.pretokenizers[2]");
    CHECK(refused([](Json& json) { json["pre_tokenizer"]["pretokenizers"].erase(1); }) ==
          "pre_tokenizer");
    CHECK(refused_with("/post_processor", {{"type", "BertProcessing"}}) == "post_processor.type");
    CHECK(refused_with("/post_processor", 5) == "post_processor");
    CHECK(refused([](Json& json) {
              Json& single = json["post_processor"]["processors"][1]["single"];
              single.insert(single.begin(), single[0]);
          }) == "post_processor.processors[1].single[1].SpecialToken");
    CHECK(refused_with("/decoder", nullptr) == "no error");
    CHECK(refused_with("/decoder", {{"type", "WordPiece"}}) == "decoder.type");
    const std::string ids = "post_processor.processors[1].special_tokens.<|im_start|>.ids";
    const std::string pointer = "/post_processor/processors/1/special_tokens/<|im_start|>/ids";
    CHECK(refused_with(pointer, Json::array()) == ids);
    CHECK(refused_with(pointer, Json::array({1'000'000})) == ids + "[0]");
    CHECK(refused_with(pointer, nullptr) == ids);
}
