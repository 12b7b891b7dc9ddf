#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <optional>

#include "files/warning_observer.hpp"
#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

struct LoadSettings {
    torch::Dtype dtype = torch::kFloat32;
    torch::Device device = torch::kCPU;
    std::optional<std::int64_t> labels = std::nullopt;  ///< none: those of config.json
    std::uint64_t head_seed = 0;                        ///< of a head that the files have not
};

/// Loads the BERT or DistilBERT of a Hugging Face folder: config.json and the weights, of F32, F16 or
/// BF16, converted to the dtype. Names may lack "bert." or "distilbert.", and norms may have the older
/// "gamma" and "beta". A head that is not there, the classifier alone or with the layer before it, is
/// made as by new_classifier(), with a warning. Heads for pre-training, position_ids and tensors
/// without elements are passed over.
/// Cost:   the model, plus one tensor. Nothing of it is allocated before every tensor's name, dtype
///         and shape has been found to fit config.json.
/// Throws: FileError; also for a weight that is not finite, a tensor that config.json does not account
///         for, half a head, and labels other than those of a head that is there.
///         std::invalid_argument for labels that no head can have
SequenceClassifier load_classifier(const std::filesystem::path& folder,
                                   const LoadSettings& settings = {},
                                   const files::WarningObserver& warn = {});

/// Writes config.json and model.safetensors, which load_classifier and transformers load again, bit for
/// bit. Fields of a loaded config.json that ferret does not know are kept. Adapters are not written.
/// Throws: FileError; std::invalid_argument for a model in float64
void save_classifier(const SequenceClassifier& model, const std::filesystem::path& folder);

}  // namespace kd_lora
