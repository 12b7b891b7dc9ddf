#include "fed_llm/model/llama_config.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
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

TEST_CASE("positions are read by the sizes, and named where they stand") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["rope_parameters"] = {{"rope_type", "dynamic"}, {"factor", 4.0}, {"rope_theta", 7.0}};
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(config.rope_theta == 7.0);
    CHECK((config.rope_scaling == RopeScaling(DynamicScaling{4.0})));
    CHECK(config.max_positions() == 4 * 2048);
    CHECK(to_json(config).at("rope_parameters") == json.at("rope_parameters"));
    json["hidden_size"] = 8;  // heads of width 2
    const auto narrow = folder.write("config.json", json.dump());
    CHECK(error_field([&] { read_llama_config(narrow); }) == "rope_parameters.rope_type");
    json["num_attention_heads"] = 0;
    const auto headless = folder.write("config.json", json.dump());
    CHECK(error_field([&] { read_llama_config(headless); }) == "num_attention_heads");
}

TEST_CASE("a model made from scratch writes its scaling and its biases, too") {
    LlamaConfig config;
    config.rope_scaling = Llama3Scaling{};
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

TEST_CASE("a config.json without tokens does not get LLaMA's") {
    const TemporaryFolder folder;
    const Json json = valid_json();
    REQUIRE_FALSE(json.contains("eos_token_id"));
    const Json again = to_json(read_llama_config(folder.write("config.json", json.dump())));
    CHECK_FALSE(again.contains("bos_token_id"));
    CHECK_FALSE(again.contains("eos_token_id"));
    LlamaConfig made;
    made.eos_token_id = 3;
    CHECK(to_json(made).at("bos_token_id") == 1);
    CHECK(to_json(made).at("eos_token_id") == 3);
}

TEST_CASE("several tokens may end a sequence") {
    const TemporaryFolder folder;
    Json json = valid_json();
    json["eos_token_id"] = {7, 3, 5};
    const auto config = read_llama_config(folder.write("config.json", json.dump()));
    CHECK(config.eos_token_id == 7);
    CHECK(config.more_eos_token_ids == std::vector<std::int64_t>{3, 5});
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
    CHECK(refused("rope_scaling", {{"type", "longrope"}}) == "rope_scaling.type");
    CHECK(refused("rope_scaling", 2.0) == "rope_scaling");
    CHECK(refused("mlp_bias", true) == "mlp_bias");
    CHECK(refused("partial_rotary_factor", 0.5) == "partial_rotary_factor");
    CHECK(refused("quantization_config", {{"quant_method", "gptq"}}) == "quantization_config");
    CHECK(refused("quantization_config", nullptr) == "no error");
    CHECK(refused("layer_types", {"full_attention", "sliding_attention"}) == "layer_types");
    CHECK(refused("layer_types", {"full_attention", nullptr}) == "layer_types");
    CHECK(refused("layer_types", "full_attention") == "layer_types");
    CHECK(refused("layer_types", Json(std::vector<std::string>(3, "full_attention"))) ==
          "no error");
    CHECK(refused("hidden_act", "swish") == "no error");  // another name of it
}

TEST_CASE("fields that are passed over though a user may rely on them warn") {
    const auto warnings = [](const char* field, const Json& value, const char* type = "llama") {
        const TemporaryFolder folder;
        Json json = valid_json();
        json["model_type"] = type;
        json[field] = value;
        std::string all;
        read_llama_config(folder.write("config.json", json.dump()),
                          [&](const std::string& message) { all += message + "\n"; });
        return all;
    };
    const auto warns = [&](const char* field, const Json& value, const char* type = "llama") {
        return warnings(field, value, type).find(std::string("config.json: ") + field) !=
               std::string::npos;
    };
    CHECK(warns("sliding_window", 1024));
    CHECK_FALSE(warns("sliding_window", 2048));  // all positions
    CHECK_FALSE(warns("sliding_window", nullptr));
    CHECK_FALSE(warns("sliding_window", 1024, "qwen2"));  // off, by use_sliding_window
    CHECK(warns("attention_dropout", 0.1));
    CHECK_FALSE(warns("attention_dropout", 0.0));
    CHECK_FALSE(warns("attention_dropout", nullptr));
    CHECK(warns("auto_map", {{"AutoModelForCausalLM", "modeling.Model"}}));
    CHECK(warnings("pretraining_tp", 2).empty());  // the same function, in other pieces
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
    CHECK(refused("head_dim", 0) == "head_dim");
    CHECK(refused("head_dim", nullptr) == "no error");
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
