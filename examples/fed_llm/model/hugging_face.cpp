#include "fed_llm/model/hugging_face.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/weights/safetensors.hpp"
#include "hugging_face/weights/weight_files.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;
using Shape = std::vector<std::int64_t>;

constexpr const char* embedding_name = "model.embed_tokens.weight";
constexpr const char* head_name = "lm_head.weight";

/// Calls `visit` with the name and shape of every parameter that a model of this configuration has.
void for_each_parameter(const LlamaConfig& config,
                        const std::function<void(const std::string&, const Shape&)>& visit) {
    const std::int64_t hidden = config.hidden_size;
    const std::int64_t inner = config.intermediate_size;
    const std::int64_t queries = config.num_attention_heads * config.attention_head_dim();
    const std::int64_t keys = config.num_key_value_heads * config.attention_head_dim();
    visit(embedding_name, {config.vocab_size, hidden});
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
    if (!config.tie_word_embeddings) visit(head_name, {config.vocab_size, hidden});
}

std::string text(const Shape& shape) {
    return Json(shape).dump();
}

bool has_elements(const hugging_face::SafetensorsReader::Entry& entry) {
    return std::find(entry.shape.begin(), entry.shape.end(), 0) == entry.shape.end();
}

/// Older files carry what rotary positions are computed from, and some a head that is the embedding;
/// a tensor without elements says nothing.
bool may_be_ignored(const std::string& name, const hugging_face::SafetensorsReader::Entry& entry,
                    const LlamaConfig& config) {
    return !has_elements(entry) || name.ends_with(".rotary_emb.inv_freq") ||
           name.ends_with(".rotary_emb.cos_cached") || name.ends_with(".rotary_emb.sin_cached") ||
           (config.tie_word_embeddings && name == head_name);
}

/// Whether there is a head that is not the embedding once more.
bool has_own_head(const hugging_face::WeightFiles& files) {
    const hugging_face::SafetensorsReader::Entry* head = files.find(head_name);
    const hugging_face::SafetensorsReader::Entry* embedding = files.find(embedding_name);
    if (head == nullptr || embedding == nullptr || !has_elements(*head)) return false;
    if (head->shape != embedding->shape || !head->dtype || !embedding->dtype) return true;
    const auto read = [&](const char* name) { return files.tensors().at(name)->read(name); };
    // Each of the dtypes fits into float32.
    if (head->dtype == embedding->dtype)
        return !torch::equal(read(head_name), read(embedding_name));
    return !torch::equal(read(head_name).to(torch::kFloat32),
                         read(embedding_name).to(torch::kFloat32));
}

/// So far nothing was allocated: a size in config.json counts only once the files bear it out.
void check_fits(const LlamaConfig& config, const hugging_face::WeightFiles& files) {
    std::set<std::string> expected;
    for_each_parameter(config, [&](const std::string& name, const Shape& shape) {
        const hugging_face::SafetensorsReader::Entry* entry = files.find(name);
        if (entry == nullptr) {
            throw files::FileError(files.listing(), name, "a tensor " + text(shape), "none");
        }
        const std::filesystem::path& file = files.tensors().at(name)->file();
        if (entry->shape != shape) {
            throw files::FileError(file, name + ".shape", text(shape) + " by config.json",
                                   text(entry->shape));
        }
        if (!entry->dtype) {
            throw files::FileError(file, name + ".dtype",
                                   "F32, F16 or BF16 (others are unsupported)", entry->dtype_name);
        }
        expected.insert(name);
    });
    for (const auto& [name, reader] : files.tensors()) {
        if (!expected.contains(name) && !may_be_ignored(name, reader->entries().at(name), config)) {
            throw files::FileError(reader->file(), name,
                                   "only tensors that config.json accounts for", "this one");
        }
    }
}

/// What a folder holds, checked before a model is made of it.
struct ModelFolder {
    LlamaConfig config;
    hugging_face::WeightFiles files;

    ModelFolder(const std::filesystem::path& folder, const files::WarningObserver& warn)
        : config(read_llama_config(folder / "config.json", warn)), files(folder, warn) {
        const bool own_head = config.tie_word_embeddings && has_own_head(files);
        if (own_head) config.tie_word_embeddings = false;
        check_fits(config, files);
        if (own_head && warn) {
            warn((folder / "config.json").string() + ": tie_word_embeddings is true, but " +
                 head_name + " is not the embedding: the model has a head of its own");
        }
    }
};

}  // namespace

LlamaConfig read_model_config(const std::filesystem::path& folder,
                              const files::WarningObserver& warn) {
    // A plan can be made before the weights are there.
    if (!hugging_face::has_weight_files(folder))
        return read_llama_config(folder / "config.json", warn);
    return ModelFolder(folder, warn).config;
}

Llama load_llama(const std::filesystem::path& folder, torch::Dtype dtype, torch::Device device,
                 const files::WarningObserver& warn) {
    const ModelFolder opened(folder, warn);
    Llama model(opened.config, torch::TensorOptions().dtype(dtype).device(device));
    const torch::NoGradGuard no_grad;
    for (auto& parameter : model->named_parameters()) {
        parameter.value().copy_(opened.files.read(parameter.key(), dtype));
    }
    return model;
}

void save_llama(const Llama& model, const std::filesystem::path& folder) {
    files::create_folder(folder);
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const auto& parameter : model->named_parameters()) {
        tensors.emplace_back(parameter.key(), parameter.value());
    }
    hugging_face::write_safetensors(folder / "model.safetensors", tensors);

    const torch::Dtype dtype = tensors.front().second.scalar_type();
    const char* dtype_name = dtype == torch::kFloat32    ? "float32"
                             : dtype == torch::kBFloat16 ? "bfloat16"
                                                         : "float16";
    Json config = to_json(model->config());
    if (config.contains("dtype")) config["dtype"] = dtype_name;
    if (config.contains("torch_dtype") || !config.contains("dtype")) {
        config["torch_dtype"] = dtype_name;
    }
    files::write_file(folder / "config.json", config.dump(2) + "\n");
}

}  // namespace fed_llm
