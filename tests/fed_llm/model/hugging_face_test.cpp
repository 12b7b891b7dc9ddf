#include "model/hugging_face.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "file/file.hpp"
#include "model/safetensors.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_model.hpp"

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

/// Splits the weights over two files with an index.
void write_sharded(const std::filesystem::path& folder, const Tensors& weights) {
    const auto middle = weights.begin() + static_cast<std::ptrdiff_t>(weights.size() / 2);
    const Tensors first(weights.begin(), middle);
    const Tensors second(middle, weights.end());
    write_safetensors(folder / "model-00001-of-00002.safetensors", first);
    write_safetensors(folder / "model-00002-of-00002.safetensors", second);
    Json index = {{"metadata", {{"total_size", 0}}}, {"weight_map", Json::object()}};
    for (const auto& [name, tensor] : first) {
        index["weight_map"][name] = "model-00001-of-00002.safetensors";
    }
    for (const auto& [name, tensor] : second) {
        index["weight_map"][name] = "model-00002-of-00002.safetensors";
    }
    write_file(folder / "model.safetensors.index.json", index.dump());
    std::filesystem::remove(folder / "model.safetensors");
}

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

TEST_CASE("tensors that older checkpoints carry along are ignored") {
    CHECK(refused([](const auto& folder, Tensors weights) {
              weights.emplace_back("model.layers.0.self_attn.rotary_emb.inv_freq",
                                   torch::ones({3}));
              write_safetensors(folder / "model.safetensors", weights);
          }) == "no error");
    CHECK(refused([](const auto& folder, const Tensors&) {
              set_config(folder, "tie_word_embeddings", true);
          }) == "no error");
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

TEST_CASE("missing files and malformed indices are refused") {
    CHECK(refused([](const auto& folder, const Tensors&) {
              std::filesystem::remove(folder / "config.json");
          }) == "file");
    CHECK(refused([](const auto& folder, const Tensors&) {
              std::filesystem::remove(folder / "model.safetensors");
          }) == "weights");
    const auto with_index = [](const Json& name, const Json& value) {
        return refused([&](const auto& folder, const Tensors& weights) {
            write_sharded(folder, weights);
            Json index = read_json(folder / "model.safetensors.index.json", 100'000);
            index["weight_map"][name.get<std::string>()] = value;
            write_file(folder / "model.safetensors.index.json", index.dump());
        });
    };
    CHECK(with_index("model.norm.weight", "../model-00002-of-00002.safetensors") ==
          "weight_map.model.norm.weight");
    CHECK(with_index("model.norm.weight", 5) == "weight_map.model.norm.weight");
    CHECK(with_index("model.norm.weight", "..") == "weight_map.model.norm.weight");
    CHECK(with_index("model.norm.weight", "model-00003.safetensors") == "file");
    CHECK(with_index("model.norm.weight", "model-00001-of-00002.safetensors") ==
          "model.norm.weight");
    CHECK(refused([](const auto& folder, const Tensors& weights) {
              write_sharded(folder, weights);
              write_file(folder / "model.safetensors.index.json", "{}");
          }) == "weight_map");
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
