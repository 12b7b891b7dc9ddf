#include "model/hugging_face.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "model/safetensors.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;
using Shape = std::vector<std::int64_t>;

constexpr std::uint64_t max_index_bytes = 100'000'000;

/// The tensors of a folder and the file that each is in.
struct Checkpoint {
    std::filesystem::path listing;  ///< the file that says which tensors there are
    std::map<std::string, SafetensorsReader> files;
    std::map<std::string, const SafetensorsReader*> tensors;
};

Checkpoint open_single(const std::filesystem::path& file) {
    Checkpoint checkpoint{file, {}, {}};
    const auto opened = checkpoint.files.emplace("model.safetensors", file).first;
    for (const auto& [name, entry] : opened->second.entries()) {
        checkpoint.tensors.emplace(name, &opened->second);
    }
    return checkpoint;
}

Checkpoint open_sharded(const std::filesystem::path& index) {
    const Json json = read_json(index, max_index_bytes);
    if (!json.is_object() || !json.contains("weight_map") || !json.at("weight_map").is_object()) {
        throw FileError(index, "weight_map", "an object", "none");
    }
    Checkpoint checkpoint{index, {}, {}};
    for (const auto& [name, value] : json.at("weight_map").items()) {
        const std::string shard = value.is_string() ? value.get<std::string>() : "";
        if (shard.empty() || shard == "." || shard == ".." ||
            shard.find_first_of(std::string("/\\\0", 3)) != std::string::npos) {
            throw FileError(index, "weight_map." + name, "the name of a file in the folder",
                            describe(value));
        }
        auto opened = checkpoint.files.find(shard);
        if (opened == checkpoint.files.end()) {
            opened = checkpoint.files.emplace(shard, index.parent_path() / shard).first;
        }
        if (!opened->second.entries().contains(name)) {
            throw FileError(opened->second.file(), name,
                            "a tensor, by " + index.filename().string(), "none");
        }
        checkpoint.tensors.emplace(name, &opened->second);
    }
    return checkpoint;
}

Checkpoint open_checkpoint(const std::filesystem::path& folder) {
    const std::filesystem::path single = folder / "model.safetensors";
    const std::filesystem::path index = folder / "model.safetensors.index.json";
    if (std::filesystem::exists(single)) return open_single(single);
    if (std::filesystem::exists(index)) return open_sharded(index);
    throw FileError(folder, "weights", "model.safetensors or model.safetensors.index.json", "none");
}

/// Calls `visit` with the name and shape of every parameter that a model of this configuration has.
void for_each_parameter(const LlamaConfig& config,
                        const std::function<void(const std::string&, const Shape&)>& visit) {
    const std::int64_t hidden = config.hidden_size;
    const std::int64_t inner = config.intermediate_size;
    const std::int64_t queries = config.num_attention_heads * config.attention_head_dim();
    const std::int64_t keys = config.num_key_value_heads * config.attention_head_dim();
    visit("model.embed_tokens.weight", {config.vocab_size, hidden});
    for (std::int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        const auto visit_projection = [&](const char* name, std::int64_t out, std::int64_t in,
                                          bool bias) {
            visit(prefix + name + ".weight", {out, in});
            if (bias) visit(prefix + name + ".bias", {out});
        };
        const bool bias = config.has_query_key_value_bias();
        visit_projection("self_attn.q_proj", queries, hidden, bias);
        visit_projection("self_attn.k_proj", keys, hidden, bias);
        visit_projection("self_attn.v_proj", keys, hidden, bias);
        visit_projection("self_attn.o_proj", hidden, queries, config.has_attention_output_bias());
        visit(prefix + "mlp.gate_proj.weight", {inner, hidden});
        visit(prefix + "mlp.up_proj.weight", {inner, hidden});
        visit(prefix + "mlp.down_proj.weight", {hidden, inner});
        visit(prefix + "input_layernorm.weight", {hidden});
        visit(prefix + "post_attention_layernorm.weight", {hidden});
    }
    visit("model.norm.weight", {hidden});
    if (!config.tie_word_embeddings) visit("lm_head.weight", {config.vocab_size, hidden});
}

std::string text(const Shape& shape) {
    return Json(shape).dump();
}

/// Older files carry the rotary frequencies, and some a head that is the embedding.
bool may_be_ignored(const std::string& name, const LlamaConfig& config) {
    return name.ends_with(".rotary_emb.inv_freq") ||
           (config.tie_word_embeddings && name == "lm_head.weight");
}

/// So far nothing was allocated: a size in config.json counts only once the files bear it out.
void check_fits(const LlamaConfig& config, const Checkpoint& checkpoint) {
    std::set<std::string> expected;
    for_each_parameter(config, [&](const std::string& name, const Shape& shape) {
        const auto found = checkpoint.tensors.find(name);
        if (found == checkpoint.tensors.end()) {
            throw FileError(checkpoint.listing, name, "a tensor " + text(shape), "none");
        }
        const Shape& got = found->second->entries().at(name).shape;
        if (got != shape) {
            throw FileError(found->second->file(), name + ".shape", text(shape) + " by config.json",
                            text(got));
        }
        expected.insert(name);
    });
    for (const auto& [name, reader] : checkpoint.tensors) {
        if (!expected.contains(name) && !may_be_ignored(name, config)) {
            throw FileError(reader->file(), name, "only tensors that config.json accounts for",
                            "this one");
        }
    }
}

}  // namespace

Llama load_llama(const std::filesystem::path& folder, torch::Dtype dtype, torch::Device device) {
    LlamaConfig config = read_llama_config(folder / "config.json");
    const Checkpoint checkpoint = open_checkpoint(folder);
    check_fits(config, checkpoint);
    Llama model(std::move(config), torch::TensorOptions().dtype(dtype).device(device));
    const torch::NoGradGuard no_grad;
    for (auto& parameter : model->named_parameters()) {
        parameter.value().copy_(checkpoint.tensors.at(parameter.key())->read(parameter.key()));
    }
    return model;
}

void save_llama(const Llama& model, const std::filesystem::path& folder) {
    create_folder(folder);
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const auto& parameter : model->named_parameters()) {
        tensors.emplace_back(parameter.key(), parameter.value());
    }
    write_safetensors(folder / "model.safetensors", tensors);

    const torch::Dtype dtype = tensors.front().second.scalar_type();
    const char* dtype_name = dtype == torch::kFloat32    ? "float32"
                             : dtype == torch::kBFloat16 ? "bfloat16"
                                                         : "float16";
    Json config = to_json(model->config());
    config[config.contains("dtype") ? "dtype" : "torch_dtype"] = dtype_name;
    write_file(folder / "config.json", config.dump(2) + "\n");
}

}  // namespace fed_llm
