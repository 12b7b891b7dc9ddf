#include "kd_lora/model/classifier_folder.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/weights/safetensors.hpp"
#include "hugging_face/weights/weight_files.hpp"

namespace kd_lora {
namespace {

using Json = nlohmann::ordered_json;
using Shape = std::vector<std::int64_t>;
using hugging_face::WeightFiles;

constexpr const char* classifier_name = "classifier.weight";

/// What the heads' tensors start with that BERT and DistilBERT were pre-trained under.
constexpr std::array<const char*, 4> pretraining_heads{"cls.", "vocab_transform.",
                                                       "vocab_layer_norm.", "vocab_projector."};

std::string text(const Shape& shape) {
    return Json(shape).dump();
}

/// The name of a parameter in the files, of the ones that it may have; none: it is not there.
std::optional<std::string> find_name(const WeightFiles& files, const std::string& name) {
    std::vector<std::string> candidates{name};
    for (const char* prefix : {"bert.", "distilbert."}) {
        if (name.starts_with(prefix)) candidates.push_back(name.substr(std::string(prefix).size()));
    }
    for (std::size_t i = 0, known = candidates.size(); i < known; ++i) {
        constexpr std::array<std::pair<const char*, const char*>, 2> older{
            {{"LayerNorm.weight", "LayerNorm.gamma"}, {"LayerNorm.bias", "LayerNorm.beta"}}};
        for (const auto& [now, then] : older) {
            if (!candidates[i].ends_with(now)) continue;
            std::string renamed = candidates[i];
            renamed.replace(renamed.size() - std::string(now).size(), std::string::npos, then);
            candidates.push_back(std::move(renamed));
        }
    }
    for (std::string& candidate : candidates) {
        if (files.find(candidate) != nullptr) return std::move(candidate);
    }
    return std::nullopt;
}

/// What a file may hold beside an encoder and its classifier.
bool may_be_ignored(const std::string& name, const Shape& shape) {
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return true;
    if (name.ends_with("embeddings.position_ids")) return true;
    return std::any_of(pretraining_heads.begin(), pretraining_heads.end(),
                       [&](const char* head) { return name.starts_with(head); });
}

/// What a folder holds, checked before a model is made of it.
class ClassifierFolder {
public:
    ClassifierFolder(const std::filesystem::path& folder, const LoadSettings& settings,
                     const files::WarningObserver& warn)
        : files_(folder, warn), config_(read_bert_config(folder / "config.json", warn)) {
        const bool bert = config_.family == BertFamily::bert;
        const std::string pooler = bert ? "bert.pooler.dense" : "pre_classifier";
        new_pooler_ = !has_head_part(pooler);
        new_classifier_ = !has_head_part("classifier");
        if (new_pooler_ && !new_classifier_) {
            throw files::FileError(files_.listing(), pooler + ".weight",
                                   "the layer before the classifier", "none");
        }
        if (settings.labels) take_labels(*settings.labels);
        check_fits();
        if (warn && new_classifier_) {
            warn(files_.listing().string() + ": there is no " + classifier_name +
                 (new_pooler_ ? " and no " + pooler + ".weight" : std::string()) +
                 ": a new head is drawn at random");
        }
    }

    SequenceClassifier load(const LoadSettings& settings) const {
        const auto options = torch::TensorOptions().dtype(settings.dtype).device(settings.device);
        torch::Generator generator = at::make_generator<at::CPUGeneratorImpl>(settings.head_seed);
        return {config_, [&](const std::string& name, const Shape& shape) {
                    const auto found = find_name(files_, name);
                    if (!found) return initial_parameter(config_, name, shape, generator, options);
                    return files_.read(*found, settings.dtype).to(settings.device);
                }};
    }

private:
    /// Throws where only one of weight and bias is there.
    bool has_head_part(const std::string& name) const {
        const bool weight = find_name(files_, name + ".weight").has_value();
        const bool bias = find_name(files_, name + ".bias").has_value();
        if (weight != bias) {
            throw files::FileError(files_.listing(), name + (weight ? ".bias" : ".weight"),
                                   "a tensor", "none");
        }
        return weight;
    }

    void take_labels(std::int64_t labels) {
        if (!new_classifier_ && labels != config_.labels) {
            throw files::FileError(files_.listing(), classifier_name,
                                   "a classifier of " + std::to_string(labels) + " labels",
                                   "one of " + std::to_string(config_.labels));
        }
        config_.labels = labels;
    }

    /// Asks for every parameter as the model will, and gives none.
    void check_fits() const {
        std::set<std::string> expected;
        const SequenceClassifier without_weights(config_,
                                                 [&](const std::string& name, const Shape& shape) {
                                                     check_parameter(name, shape, expected);
                                                     return torch::Tensor();
                                                 });
        for (const auto& [name, reader] : files_.tensors()) {
            if (!expected.contains(name) &&
                !may_be_ignored(name, reader->entries().at(name).shape)) {
                throw files::FileError(reader->file(), name,
                                       "only tensors that config.json accounts for", "this one");
            }
        }
    }

    void check_parameter(const std::string& name, const Shape& shape,
                         std::set<std::string>& expected) const {
        const auto found = find_name(files_, name);
        if (!found) {
            if (is_new(name)) return;
            throw files::FileError(files_.listing(), name, "a tensor " + text(shape), "none");
        }
        const auto& entry = *files_.find(*found);
        const std::filesystem::path& file = files_.tensors().at(*found)->file();
        if (entry.shape != shape) {
            throw files::FileError(file, *found + ".shape", text(shape) + " by config.json",
                                   text(entry.shape));
        }
        if (!entry.dtype) {
            throw files::FileError(file, *found + ".dtype",
                                   "F32, F16 or BF16 (others are unsupported)", entry.dtype_name);
        }
        expected.insert(*found);
    }

    bool is_new(const std::string& name) const {
        if (name.starts_with("classifier.")) return new_classifier_;
        return new_pooler_ &&
               (name.starts_with("bert.pooler.") || name.starts_with("pre_classifier."));
    }

    WeightFiles files_;
    BertConfig config_;
    bool new_pooler_ = false;
    bool new_classifier_ = false;
};

}  // namespace

SequenceClassifier load_classifier(const std::filesystem::path& folder,
                                   const LoadSettings& settings,
                                   const files::WarningObserver& warn) {
    return ClassifierFolder(folder, settings, warn).load(settings);
}

void save_classifier(const SequenceClassifier& model, const std::filesystem::path& folder) {
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const NamedParameter& parameter : model.parameters()) {
        if (parameter.name.ends_with(".lora_A.weight")) continue;
        if (parameter.name.ends_with(".lora_B.weight")) continue;
        tensors.emplace_back(parameter.name, parameter.tensor);
    }
    files::create_folder(folder);
    hugging_face::write_safetensors(folder / "model.safetensors", tensors);

    const torch::Dtype dtype = tensors.front().second.scalar_type();
    const char* dtype_name = dtype == torch::kFloat32    ? "float32"
                             : dtype == torch::kBFloat16 ? "bfloat16"
                                                         : "float16";
    Json config = to_json(model.config());
    if (config.contains("dtype")) config["dtype"] = dtype_name;
    if (config.contains("torch_dtype") || !config.contains("dtype")) {
        config["torch_dtype"] = dtype_name;
    }
    files::write_file(folder / "config.json", config.dump(2) + "\n");
}

}  // namespace kd_lora
