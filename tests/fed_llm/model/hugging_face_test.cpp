#include "fed_llm/model/hugging_face.hpp"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fed_llm/support/tiny_model.hpp"
#include "files/file.hpp"
#include "hugging_face/support/sharded.hpp"
#include "hugging_face/weights/safetensors.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace files;
using namespace hugging_face;
using namespace fed_llm;
using Json = nlohmann::ordered_json;
using Tensors = std::vector<std::pair<std::string, torch::Tensor>>;

namespace {

bool equal_weights(const Llama& a, const Llama& b) {
    const auto left = a->named_parameters();
    const auto right = b->named_parameters();
    if (left.keys() != right.keys()) return false;
    for (const auto& parameter : left) {
        if (!torch::equal(parameter.value(), right[parameter.key()])) return false;
    }
    return true;
}

Tensors weights_of(const Llama& model) {
    Tensors tensors;
    for (const auto& parameter : model->named_parameters()) {
        tensors.emplace_back(parameter.key(), parameter.value().detach());
    }
    return tensors;
}

/// The field that load_llama refuses after `change` was made to the folder of a good model.
template <typename Change>
std::string refused(Change change) {
    const TemporaryFolder folder;
    const Llama model = tiny_model(tiny_config());
    save_llama(model, folder.path());
    change(folder.path(), weights_of(model));
    return error_field([&] { load_llama(folder.path()); });
}

void set_config(const std::filesystem::path& folder, const char* field, const Json& value) {
    Json json = read_json(folder / "config.json", 10'000);
    json[field] = value;
    write_file(folder / "config.json", json.dump());
}

/// Adds a tensor of zeros, of any dtype.
void append_tensor(const std::filesystem::path& file, const std::string& name, const char* dtype,
                   const Json& shape, std::size_t bytes) {
    const std::string old = read_bytes(file);
    std::uint64_t length = 0;
    std::memcpy(&length, old.data(), 8);
    Json header = Json::parse(old.substr(8, length));
    const std::size_t end = old.size() - 8 - length;
    header[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {end, end + bytes}}};
    const std::string text = header.dump();
    length = text.size();
    std::string made(8, '\0');
    std::memcpy(made.data(), &length, 8);
    write_file(file, made + text + old.substr(old.size() - end) + std::string(bytes, '\0'));
}

struct Warnings {
    std::vector<std::string> all;

    WarningObserver observer() {
        return [this](const std::string& message) { all.push_back(message); };
    }
};

}  // namespace

TEST_CASE("a saved model loads again bit for bit") {
    LlamaConfig config = tiny_config();
    SUBCASE("own head") {}
    SUBCASE("tied embedding") {
        config.tie_word_embeddings = true;
    }
    SUBCASE("Qwen2's biases") {
        config.model_type = "qwen2";
    }
    SUBCASE("biases on the whole attention") {
        config.attention_bias = true;
    }
    SUBCASE("scaled positions") {
        config.rope_scaling = Llama3Scaling{};
    }
    const TemporaryFolder folder;
    const Llama model = tiny_model(config);
    save_llama(model, folder.path() / "new" / "folder");
    CHECK(equal_weights(load_llama(folder.path() / "new" / "folder"), model));
}

TEST_CASE("other dtypes are kept in the file and converted on request") {
    const TemporaryFolder folder;
    for (const torch::Dtype dtype : {torch::kFloat16, torch::kBFloat16}) {
        Llama model = tiny_model(tiny_config());
        model->to(dtype);
        save_llama(model, folder.path());
        CHECK(equal_weights(load_llama(folder.path(), dtype), model));
        Llama wide = load_llama(folder.path());
        CHECK((wide->parameters()[0].scalar_type() == torch::kFloat32));
        wide->to(dtype);
        CHECK(equal_weights(wide, model));
        CHECK(read_json(folder.path() / "config.json", 10'000).at("torch_dtype") ==
              (dtype == torch::kFloat16 ? "float16" : "bfloat16"));
    }
}

TEST_CASE("a sharded model loads like a single file") {
    const TemporaryFolder folder;
    const Llama model = tiny_model(tiny_config());
    save_llama(model, folder.path());
    write_sharded(folder.path(), weights_of(model));
    CHECK(equal_weights(load_llama(folder.path()), model));
}

TEST_CASE("config.json keeps the fields that are unknown here") {
    const TemporaryFolder folder;
    save_llama(tiny_model(tiny_config()), folder.path());
    set_config(folder.path(), "initializer_range", 0.25);
    set_config(folder.path(), "eos_token_id", 7);
    const Json before = read_json(folder.path() / "config.json", 10'000);
    save_llama(load_llama(folder.path()), folder.path() / "again");
    CHECK(read_json(folder.path() / "again" / "config.json", 10'000) == before);
    CHECK(before.at("model_type") == "llama");
    CHECK(before.at("architectures") == Json::array({"LlamaForCausalLM"}));
}

TEST_CASE(
    "tensors that older checkpoints carry along are ignored, whatever their dtype and shape") {
    const auto field = [](const std::string& name, const char* dtype, const Json& shape,
                          std::size_t bytes) {
        return refused([&](const auto& folder, const Tensors&) {
            append_tensor(folder / "model.safetensors", name, dtype, shape, bytes);
        });
    };
    const std::string layer = "model.layers.0.self_attn.";
    CHECK(field(layer + "rotary_emb.inv_freq", "F32", {3}, 12) == "no error");
    CHECK(field(layer + "rotary_emb.inv_freq", "F64", {4}, 32) == "no error");
    CHECK(field(layer + "rotary_emb.cos_cached", "F32", {1, 1, 8, 8}, 256) == "no error");
    CHECK(field(layer + "rotary_emb.sin_cached", "BF16", {8}, 16) == "no error");
    CHECK(field("scaled_fp8", "F8_E4M3", {0}, 0) == "no error");
    CHECK(field("model.extra", "F32", {0, 4}, 0) == "no error");
    // Others change the model, or are another's.
    CHECK(field(layer + "bias", "BOOL", {1, 1, 4, 4}, 16) == layer + "bias");
    CHECK(field("model.position_ids", "I64", {1, 4}, 32) == "model.position_ids");
    CHECK(field("v_head.summary.weight", "F32", {1, 64}, 256) == "v_head.summary.weight");
    CHECK(field(layer + "rotary_emb.inv_freq", "F64", {4}, 33) ==
          layer + "rotary_emb.inv_freq.data_offsets");
}

TEST_CASE("a used tensor of another dtype, or without elements, is refused by name") {
    const auto without_head = [](const char* dtype, const Json& shape, std::size_t bytes) {
        return refused([&](const auto& folder, Tensors weights) {
            weights.pop_back();
            write_safetensors(folder / "model.safetensors", weights);
            append_tensor(folder / "model.safetensors", "lm_head.weight", dtype, shape, bytes);
        });
    };
    CHECK(without_head("F64", {37, 24}, 37 * 24 * 8) == "lm_head.weight.dtype");
    CHECK(without_head("F8_E4M3", {37, 24}, 37 * 24) == "lm_head.weight.dtype");
    CHECK(without_head("F32", {0, 24}, 0) == "lm_head.weight.shape");
}

TEST_CASE("a head that is not the embedding is the model's, whatever config.json says") {
    const TemporaryFolder folder;
    const Llama untied = tiny_model(tiny_config());
    save_llama(untied, folder.path());
    set_config(folder.path(), "tie_word_embeddings", true);
    SUBCASE("in one file") {}
    SUBCASE("in several") {
        write_sharded(folder.path(), weights_of(untied));
    }
    Warnings warnings;
    const Llama loaded =
        load_llama(folder.path(), torch::kFloat32, torch::kCPU, warnings.observer());
    CHECK(equal_weights(loaded, untied));
    REQUIRE(warnings.all.size() == 1);
    CHECK(warnings.all[0].find("config.json: tie_word_embeddings") != std::string::npos);
    CHECK_FALSE(read_model_config(folder.path()).tie_word_embeddings);
    save_llama(loaded, folder.path() / "again");
    CHECK(read_json(folder.path() / "again" / "config.json", 10'000).at("tie_word_embeddings") ==
          false);
    CHECK(equal_weights(load_llama(folder.path() / "again"), untied));
}

TEST_CASE("a head that is the embedding once more counts as tied") {
    const TemporaryFolder folder;
    LlamaConfig config = tiny_config();
    config.tie_word_embeddings = true;
    const Llama tied = tiny_model(config);
    save_llama(tied, folder.path());
    Tensors weights = weights_of(tied);
    SUBCASE("no head") {}
    SUBCASE("the same head") {
        weights.emplace_back("lm_head.weight", weights.front().second);
    }
    SUBCASE("the same numbers in another dtype") {
        const torch::Tensor half = weights.front().second.to(torch::kBFloat16);
        weights.emplace_back("lm_head.weight", half.to(torch::kFloat32));
        weights.front().second = half;
    }
    SUBCASE("a head without elements") {
        weights.emplace_back("lm_head.weight", torch::ones({0}));
    }
    write_safetensors(folder.path() / "model.safetensors", weights);
    Warnings warnings;
    const Llama loaded =
        load_llama(folder.path(), torch::kFloat32, torch::kCPU, warnings.observer());
    CHECK(loaded->config().tie_word_embeddings);
    CHECK(loaded->named_parameters().find("lm_head.weight") == nullptr);
    CHECK(warnings.all.empty());
}

TEST_CASE("a head of another shape or dtype does not pass for the embedding") {
    const auto with_head = [](const char* dtype, const Json& shape, std::size_t bytes) {
        return refused([&](const auto& folder, Tensors weights) {
            weights.pop_back();
            write_safetensors(folder / "model.safetensors", weights);
            append_tensor(folder / "model.safetensors", "lm_head.weight", dtype, shape, bytes);
            set_config(folder, "tie_word_embeddings", true);
        });
    };
    CHECK(with_head("F32", {38, 24}, 38 * 24 * 4) == "lm_head.weight.shape");
    CHECK(with_head("I8", {37, 24}, 37 * 24) == "lm_head.weight.dtype");
    // An untied model is not tied by a head of equal numbers.
    CHECK(refused([](const auto& folder, Tensors weights) {
              weights.back().second = weights.front().second;
              write_safetensors(folder / "model.safetensors", weights);
          }) == "no error");
}

TEST_CASE("a weight that is not finite is refused by its place") {
    for (const std::string name :
         {"model.embed_tokens.weight", "model.layers.2.mlp.up_proj.weight", "model.norm.weight"}) {
        for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat16, torch::kBFloat16}) {
            for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
                for (const bool sharded : {false, true}) {
                    CHECK(refused([&](const auto& folder, Tensors weights) {
                              for (auto& [its_name, tensor] : weights) {
                                  tensor = tensor.to(dtype, false, true);
                                  if (its_name == name) tensor.flatten()[17] = value;
                              }
                              if (sharded) {
                                  write_sharded(folder, weights);
                              } else {
                                  write_safetensors(folder / "model.safetensors", weights);
                              }
                          }) == name + "[17]");
                }
            }
        }
    }
}

TEST_CASE("both names of the dtype in config.json follow the saved weights") {
    const TemporaryFolder folder;
    save_llama(tiny_model(tiny_config()), folder.path());
    set_config(folder.path(), "dtype", "float32");
    Llama model = load_llama(folder.path(), torch::kBFloat16);
    save_llama(model, folder.path());
    const Json config = read_json(folder.path() / "config.json", 10'000);
    CHECK(config.at("dtype") == "bfloat16");
    CHECK(config.at("torch_dtype") == "bfloat16");
}

TEST_CASE("weights that do not fit config.json are refused by name") {
    CHECK(refused([](const auto& folder, Tensors weights) {
              weights.pop_back();
              write_safetensors(folder / "model.safetensors", weights);
          }) == "lm_head.weight");
    CHECK(refused([](const auto& folder, Tensors weights) {
              weights[2].second = weights[2].second.t();
              write_safetensors(folder / "model.safetensors", weights);
          }) == "model.layers.0.self_attn.k_proj.weight.shape");
    CHECK(refused([](const auto& folder, Tensors weights) {
              weights.emplace_back("model.layers.0.self_attn.q_proj.bias", torch::ones({24}));
              write_safetensors(folder / "model.safetensors", weights);
          }) == "model.layers.0.self_attn.q_proj.bias");
}

TEST_CASE("sizes in config.json that the files do not bear out allocate nothing") {
    const auto with = [](const char* field, std::int64_t value) {
        return refused(
            [&](const auto& folder, const Tensors&) { set_config(folder, field, value); });
    };
    CHECK(with("num_hidden_layers", 2'000'000'000) == "model.layers.3.self_attn.q_proj.weight");
    CHECK(with("vocab_size", 2'000'000'000) == "model.embed_tokens.weight.shape");
    CHECK(with("intermediate_size", 2'000'000'000) == "model.layers.0.mlp.gate_proj.weight.shape");
    CHECK(with("head_dim", 2'000'000'000) == "model.layers.0.self_attn.q_proj.weight.shape");
    CHECK(with("num_hidden_layers", 2) == "model.layers.2.input_layernorm.weight");
    // Positions cost memory only as they are used.
    CHECK(with("max_position_embeddings", 2'000'000'000) == "no error");
}

TEST_CASE("a folder without config.json is refused") {
    CHECK(refused([](const auto& folder, const Tensors&) {
              std::filesystem::remove(folder / "config.json");
          }) == "file");
}

TEST_SUITE("shared") {
    TEST_CASE("stories260K survives saving, weights and known fields of config.json") {
        const auto source = std::filesystem::path(FERRET_SHARED_DIR) / "models/stories260K";
        const TemporaryFolder folder;
        const Llama model = load_llama(source);
        save_llama(model, folder.path());
        CHECK(equal_weights(load_llama(folder.path()), model));
        CHECK(read_json(folder.path() / "config.json", 10'000) ==
              read_json(source / "config.json", 10'000));
    }
}
