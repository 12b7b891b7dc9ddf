#pragma once

#include <torch/torch.h>

#include <filesystem>

#include "fed_llm/model/llama.hpp"
#include "files/warning_observer.hpp"

namespace fed_llm {

/// The configuration of the model in a Hugging Face folder: config.json, which the tensors in
/// model.safetensors, or in model.safetensors.index.json and the files it names, bear out. A head in
/// these that is not the embedding is the model's, whatever tie_word_embeddings says, with a
/// warning. Without weight files config.json alone counts. Cost: config.json and headers; where it says
/// tied, the two tensors, if both are there.
/// Throws: FileError.
LlamaConfig read_model_config(const std::filesystem::path& folder,
                              const files::WarningObserver& warn = {});

/// Loads that model. Weights of F32, F16 or BF16 are converted to `dtype`. Cost: the model, plus one
/// tensor. Nothing of it is allocated before every tensor's name, dtype and shape has been found to
/// fit config.json. Throws: FileError; also for a weight that is not finite.
Llama load_llama(const std::filesystem::path& folder, torch::Dtype dtype = torch::kFloat32,
                 torch::Device device = torch::kCPU, const files::WarningObserver& warn = {});

/// Writes config.json and model.safetensors, which load_llama and other readers of the format load
/// again, bit for bit. Fields of a loaded config.json that ferret does not know are kept.
/// Throws: FileError.
void save_llama(const Llama& model, const std::filesystem::path& folder);

}  // namespace fed_llm
