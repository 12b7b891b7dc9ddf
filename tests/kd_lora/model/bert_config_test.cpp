#include "kd_lora/model/bert_config.hpp"

#include <limits>
#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;
using Json = nlohmann::ordered_json;

namespace {

Json bert_json() {
    return {{"model_type", "bert"},
            {"vocab_size", 41},
            {"hidden_size", 12},
            {"intermediate_size", 20},
            {"num_hidden_layers", 3},
            {"num_attention_heads", 4},
            {"transformers_version", "4.46.3"}};
}

Json distilbert_json() {
    return {{"model_type", "distilbert"}, {"vocab_size", 41}, {"dim", 12},
            {"hidden_dim", 20},           {"n_layers", 3},    {"n_heads", 4},
            {"qa_dropout", 0.1}};
}

BertConfig read(const Json& json) {
    const TemporaryFolder folder;
    return read_bert_config(folder.write("config.json", json.dump()));
}

/// The field that is refused when `field` of `json` is `value`.
std::string refused(Json json, const std::string& field, const Json& value) {
    json[field] = value;
    return error_field([&] { read(json); });
}

}  // namespace

TEST_CASE("missing fields take the Hugging Face defaults") {
    const BertConfig bert = read(bert_json());
    CHECK(bert.family == BertFamily::bert);
    CHECK(bert.hidden_size == 12);
    CHECK(bert.head_size() == 3);
    CHECK(bert.max_position_embeddings == 512);
    CHECK(bert.type_vocab_size == 2);
    CHECK(bert.pad_token_id == 0);
    CHECK(bert.hidden_act == "gelu");
    CHECK(bert.layer_norm_eps == 1e-12);
    CHECK(bert.initializer_range == 0.02);
    CHECK(bert.hidden_dropout == 0.1);
    CHECK(bert.attention_dropout == 0.1);
    CHECK(bert.head_dropout() == 0.1);
    CHECK(bert.labels == 2);

    const BertConfig distilbert = read(distilbert_json());
    CHECK(distilbert.family == BertFamily::distilbert);
    CHECK(distilbert.intermediate_size == 20);
    CHECK(distilbert.hidden_dropout == 0.1);
    CHECK(distilbert.head_dropout() == 0.2);
}

TEST_CASE("every field is read, and written again with those that are unknown") {
    Json json = bert_json();
    json["max_position_embeddings"] = 99;
    json["type_vocab_size"] = 3;
    json["pad_token_id"] = 5;
    json["hidden_act"] = "relu";
    json["layer_norm_eps"] = 1e-5;
    json["initializer_range"] = 0.5;
    json["hidden_dropout_prob"] = 0.25;
    json["attention_probs_dropout_prob"] = 0.0;
    json["classifier_dropout"] = 0.5;
    json["id2label"] = {{"0", "bad"}, {"1", "so so"}, {"2", "good"}};
    json["label2id"] = {{"bad", 0}, {"so so", 1}, {"good", 2}};
    json["architectures"] = {"BertForSequenceClassification"};
    const BertConfig bert = read(json);
    CHECK(bert.max_position_embeddings == 99);
    CHECK(bert.type_vocab_size == 3);
    CHECK(bert.pad_token_id == 5);
    CHECK(bert.hidden_act == "relu");
    CHECK(bert.layer_norm_eps == 1e-5);
    CHECK(bert.initializer_range == 0.5);
    CHECK(bert.hidden_dropout == 0.25);
    CHECK(bert.attention_dropout == 0.0);
    CHECK(bert.head_dropout() == 0.5);
    CHECK(bert.labels == 3);
    CHECK(to_json(bert) == json);

    json = distilbert_json();
    json["max_position_embeddings"] = 99;
    json["pad_token_id"] = nullptr;
    json["activation"] = "relu";
    json["initializer_range"] = 0.5;
    json["dropout"] = 0.25;
    json["attention_dropout"] = 0.0;
    json["seq_classif_dropout"] = 0.5;
    json["num_labels"] = 4;
    const BertConfig distilbert = read(json);
    CHECK(distilbert.pad_token_id == -1);
    CHECK(distilbert.hidden_act == "relu");
    CHECK(distilbert.hidden_dropout == 0.25);
    CHECK(distilbert.attention_dropout == 0.0);
    CHECK(distilbert.head_dropout() == 0.5);
    CHECK(distilbert.labels == 4);
    const Json written = to_json(distilbert);
    for (const auto& [field, value] : json.items()) CHECK(written.at(field) == value);
    CHECK(written.at("architectures") == Json{"DistilBertForSequenceClassification"});
    CHECK(written.at("id2label").at("3") == "LABEL_3");
    CHECK(read(written).labels == 4);
}

TEST_CASE("another number of labels gets names of its own") {
    Json json = bert_json();
    json["id2label"] = {{"0", "bad"}, {"1", "good"}};
    json["label2id"] = {{"bad", 0}, {"good", 1}};
    BertConfig config = read(json);
    CHECK(to_json(config).at("id2label") == json.at("id2label"));
    config.labels = 3;
    CHECK(to_json(config).at("id2label").size() == 3);
    CHECK(to_json(config).at("label2id").at("LABEL_2") == 2);
    CHECK(read(to_json(config)).labels == 3);
}

TEST_CASE("what these models have not is refused under its name") {
    for (const Json& json : {bert_json(), distilbert_json()}) {
        CHECK(refused(json, "model_type", "roberta") == "model_type");
        CHECK(refused(json, "model_type", nullptr) == "model_type");
        CHECK(refused(json, "model_type", Json::array()) == "model_type");
        CHECK(refused(json, "quantization_config", Json::object()) == "quantization_config");
        CHECK(refused(json, "problem_type", "regression") == "problem_type");
        CHECK(refused(json, "pruned_heads", {{"0", {1}}}) == "pruned_heads");
        CHECK(refused(json, "num_labels", 1) == "num_labels");
        CHECK(refused(json, "id2label", {{"0", "one"}}) == "num_labels");
        CHECK(refused(json, "id2label", {{"0", "one"}, {"2", "two"}}) == "id2label");
        CHECK(refused(json, "id2label", {"one", "two"}) == "id2label");
    }
    CHECK(refused(bert_json(), "hidden_act", "gelu_new") == "hidden_act");
    CHECK(refused(distilbert_json(), "activation", "silu") == "activation");
    CHECK(refused(bert_json(), "hidden_act", 3) == "hidden_act");
    CHECK(refused(bert_json(), "position_embedding_type", "relative_key") ==
          "position_embedding_type");
    CHECK(refused(bert_json(), "is_decoder", true) == "is_decoder");
    CHECK(refused(bert_json(), "add_cross_attention", true) == "add_cross_attention");
    CHECK(refused(distilbert_json(), "sinusoidal_pos_embds", true) == "sinusoidal_pos_embds");
    Json both = bert_json();
    both["num_labels"] = 2;
    CHECK(refused(both, "id2label", {{"0", "a"}, {"1", "b"}, {"2", "c"}}) == "num_labels");
}

TEST_CASE("wrong numbers are refused under their names") {
    const std::vector<std::string> bert_sizes{"vocab_size", "hidden_size", "intermediate_size",
                                              "num_hidden_layers", "num_attention_heads"};
    const std::vector<std::string> distilbert_sizes{"vocab_size", "dim", "hidden_dim", "n_layers",
                                                    "n_heads"};
    const auto check_sizes = [](const Json& json, const std::vector<std::string>& fields) {
        for (const std::string& field : fields) {
            for (const Json& wrong :
                 std::vector<Json>{nullptr, 0, -1, 1.5, "12", std::int64_t{1} << 32,
                                   std::numeric_limits<std::uint64_t>::max(), Json::array()}) {
                INFO(field << " " << wrong.dump());
                CHECK(refused(json, field, wrong) == field);
            }
        }
    };
    check_sizes(bert_json(), bert_sizes);
    check_sizes(distilbert_json(), distilbert_sizes);
    CHECK(refused(bert_json(), "num_attention_heads", 5) == "num_attention_heads");
    CHECK(refused(distilbert_json(), "n_heads", 5) == "n_heads");
    CHECK(refused(bert_json(), "pad_token_id", 41) == "pad_token_id");
    CHECK(refused(bert_json(), "pad_token_id", -2) == "pad_token_id");
    CHECK(refused(bert_json(), "type_vocab_size", 0) == "type_vocab_size");
    CHECK(refused(bert_json(), "layer_norm_eps", 0.0) == "layer_norm_eps");
    CHECK(refused(bert_json(), "initializer_range", -0.02) == "initializer_range");
    for (const char* rate :
         {"hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"}) {
        CHECK(refused(bert_json(), rate, 1.0) == rate);
        CHECK(refused(bert_json(), rate, -0.1) == rate);
        CHECK(refused(bert_json(), rate, "0.1") == rate);
    }
    for (const char* rate : {"dropout", "attention_dropout", "seq_classif_dropout"}) {
        CHECK(refused(distilbert_json(), rate, 1.5) == rate);
    }
    const TemporaryFolder folder;
    CHECK(error_field([&] { read_bert_config(folder.write("config.json", "[1]")); }) == "JSON");
    CHECK(error_field([&] { read_bert_config(folder.path() / "none.json"); }) != "no error");
}

TEST_CASE("code that comes with a model is told of") {
    const TemporaryFolder folder;
    Json json = bert_json();
    json["auto_map"] = {{"AutoModel", "modeling.Own"}};
    std::vector<std::string> warnings;
    read_bert_config(folder.write("config.json", json.dump()),
                     [&](const std::string& message) { warnings.push_back(message); });
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("auto_map") != std::string::npos);
}
