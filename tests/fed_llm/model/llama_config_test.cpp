#include "model/llama_config.hpp"

#include <string>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace fed_llm;
using Json = nlohmann::ordered_json;

namespace {

Json valid_json() {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_size", 24},
            {"intermediate_size", 20},
            {"num_hidden_layers", 3},
            {"num_attention_heads", 4},
            {"vocab_size", 37},
            {"initializer_range", 0.02}};
}

/// The field that read_llama_config refuses when `field` is `value`.
std::string refused(const char* field, const Json& value) {
    const TemporaryFolder folder;
    Json json = valid_json();
    json[field] = value;
    const auto file = folder.write("config.json", json.dump());
    return error_field([&] { read_llama_config(file); });
}

}  // namespace

TEST_CASE("missing fields take the Hugging Face defaults") {
    const TemporaryFolder folder;
    const auto config = read_llama_config(folder.write("config.json", valid_json().dump()));
    CHECK(config.hidden_size == 24);
    CHECK(config.num_key_value_heads == 4);
    CHECK(config.attention_head_dim() == 6);
    CHECK(config.max_position_embeddings == 2048);
    CHECK(config.rms_norm_eps == 1e-6);
    CHECK(config.rope_theta == 10000.0);
    CHECK_FALSE(config.tie_word_embeddings);
    CHECK(config.bos_token_id == 1);
    CHECK(config.eos_token_id == 2);
}

TEST_CASE("every field is read, and written again with those that are unknown") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["num_key_value_heads"] = 2;
    json["head_dim"] = 8;
    json["max_position_embeddings"] = 99;
    json["rms_norm_eps"] = 1e-5;
    json["rope_theta"] = 500000.0;
    json["hidden_act"] = "silu";
    json["tie_word_embeddings"] = true;
    json["bos_token_id"] = 5;
    json["eos_token_id"] = nullptr;
    json["rope_scaling"] = nullptr;
    json["attention_bias"] = false;
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(config.num_key_value_heads == 2);
    CHECK(config.attention_head_dim() == 8);
    CHECK(config.max_position_embeddings == 99);
    CHECK(config.rms_norm_eps == 1e-5);
    CHECK(config.rope_theta == 500000.0);
    CHECK(config.tie_word_embeddings);
    CHECK(config.bos_token_id == 5);
    CHECK(config.eos_token_id == -1);
    CHECK(to_json(config) == json);
}

TEST_CASE("rope_theta may stand in rope_parameters") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 7.0}};
    CHECK(read_llama_config(folder.write("config.json", json.dump())).rope_theta == 7.0);
    CHECK(refused("rope_parameters", {{"rope_type", "llama3"}}) == "rope_parameters.factor");
    CHECK(refused("rope_parameters", 5) == "rope_parameters");
}

TEST_CASE("Llama 3's scaling is read, and written where it stood") {
    const TemporaryFolder folder;
    Json scaling = {{"factor", 8.0},
                    {"low_freq_factor", 1.5},
                    {"high_freq_factor", 4.5},
                    {"original_max_position_embeddings", 8192},
                    {"rope_type", "llama3"}};
    const char* object = "rope_scaling";
    SUBCASE("in rope_scaling") {}
    SUBCASE("in rope_parameters") {
        object = "rope_parameters";
        scaling["rope_theta"] = 7.0;
    }
    Json json = valid_json();
    json[object] = scaling;
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    REQUIRE(config.rope_scaling);
    CHECK(config.rope_scaling->factor == 8.0);
    CHECK(config.rope_scaling->low_freq_factor == 1.5);
    CHECK(config.rope_scaling->high_freq_factor == 4.5);
    CHECK(config.rope_scaling->original_max_position_embeddings == 8192);
    CHECK(to_json(config).at(object) == scaling);
    const auto again = read_llama_config(folder.write("config.json", to_json(config).dump()));
    CHECK(again.rope_scaling->high_freq_factor == 4.5);

    const auto refused_with = [&](const char* field, const Json& value) {
        Json changed = scaling;
        changed[field] = value;
        return refused(object, changed);
    };
    const std::string prefix = std::string(object) + ".";
    CHECK(refused_with("rope_type", "yarn") == prefix + "rope_type");
    CHECK(refused_with("factor", nullptr) == prefix + "factor");
    CHECK(refused_with("factor", "8") == prefix + "factor");
    CHECK(refused_with("original_max_position_embeddings", 8.5) ==
          prefix + "original_max_position_embeddings");
    CHECK(refused_with("factor", 0.0) == "rope_scaling.factor");
    CHECK(refused_with("low_freq_factor", -1.0) == "rope_scaling.low_freq_factor");
    CHECK(refused_with("high_freq_factor", 1.5) == "rope_scaling.high_freq_factor");
    CHECK(refused_with("original_max_position_embeddings", 0) ==
          "rope_scaling.original_max_position_embeddings");
}

TEST_CASE("a model made from scratch writes its scaling and its biases, too") {
    LlamaConfig config;
    config.rope_scaling = RopeScaling{};
    config.attention_bias = true;
    CHECK(to_json(config).at("rope_scaling").at("rope_type") == "llama3");
    CHECK(to_json(config).at("attention_bias") == true);
    config.model_type = "qwen2";
    CHECK(to_json(config).at("architectures") == Json::array({"Qwen2ForCausalLM"}));
}

TEST_CASE("Qwen2 has its own defaults, and biases without being told") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["model_type"] = "qwen2";
    json["use_sliding_window"] = false;
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(config.has_query_key_value_bias());
    CHECK_FALSE(config.has_attention_output_bias());
    CHECK(config.max_position_embeddings == 32768);
    CHECK(config.bos_token_id == -1);
    CHECK(config.eos_token_id == -1);
    CHECK(to_json(config).at("model_type") == "qwen2");
    CHECK_FALSE(read_llama_config(folder.write("config.json", valid_json().dump()))
                    .has_query_key_value_bias());
    json = valid_json();
    json["attention_bias"] = true;
    const auto biased = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(biased.has_query_key_value_bias());
    CHECK(biased.has_attention_output_bias());
}

TEST_CASE("several tokens may end a sequence") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["eos_token_id"] = {7, 3, 5};
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(config.eos_token_id == 7);
    CHECK(config.ends_sequence(7));
    CHECK(config.ends_sequence(5));
    CHECK_FALSE(config.ends_sequence(2));
    CHECK(to_json(config).at("eos_token_id") == json.at("eos_token_id"));
    CHECK(refused("eos_token_id", Json::array()) == "eos_token_id");
    CHECK(refused("eos_token_id", Json::array({1, "2"})) == "eos_token_id");
    CHECK(refused("eos_token_id", Json::array({1, 37})) == "eos_token_id");
    CHECK(refused("eos_token_id", Json(std::vector<int>(100, 1))) == "eos_token_id");
}

TEST_CASE("what the model has not is refused by name") {
    CHECK(refused("model_type", "mistral") == "model_type");
    CHECK(refused("model_type", nullptr) == "model_type");
    CHECK(refused("use_sliding_window", true) == "use_sliding_window");
    CHECK(refused("hidden_act", "gelu") == "hidden_act");
    CHECK(refused("rope_scaling", {{"type", "linear"}}) == "rope_scaling.type");
    CHECK(refused("rope_scaling", 2.0) == "rope_scaling");
    CHECK(refused("mlp_bias", true) == "mlp_bias");
}

TEST_CASE("sizes that no model can have are refused by name") {
    for (const char* field : {"hidden_size", "intermediate_size", "num_hidden_layers",
                              "num_attention_heads", "vocab_size"}) {
        CAPTURE(field);
        for (const Json& value : {Json(nullptr), Json(0), Json(-4), Json("4"), Json(4.5),
                                  Json(1ULL << 40), Json(~0ULL), Json({4})}) {
            CHECK(refused(field, value) == field);
        }
    }
    CHECK(refused("max_position_embeddings", 0) == "max_position_embeddings");
    CHECK(refused("num_attention_heads", 5) == "num_attention_heads");
    CHECK(refused("num_attention_heads", 8) == "head_dim");  // width 3
    CHECK(refused("num_key_value_heads", 3) == "num_key_value_heads");
    CHECK(refused("num_key_value_heads", 0) == "num_key_value_heads");
    CHECK(refused("head_dim", -2) == "head_dim");
    CHECK(refused("head_dim", 7) == "head_dim");
    CHECK(refused("rms_norm_eps", 0.0) == "rms_norm_eps");
    CHECK(refused("rms_norm_eps", "small") == "rms_norm_eps");
    CHECK(refused("rope_theta", -1.0) == "rope_theta");
    CHECK(refused("tie_word_embeddings", 1) == "tie_word_embeddings");
    CHECK(refused("bos_token_id", 37) == "bos_token_id");
    CHECK(refused("eos_token_id", -2) == "eos_token_id");
}

TEST_CASE("a config.json that is missing or no object is refused") {
    const TemporaryFolder folder;
    CHECK(error_field([&] { read_llama_config(folder.path() / "config.json"); }) == "file");
    const auto list = folder.write("config.json", "[1]");
    CHECK(error_field([&] { read_llama_config(list); }) == "JSON");
    const auto broken = folder.write("config.json", "{\"hidden_size\": ");
    CHECK_THROWS_AS(read_llama_config(broken), FileError);
}
