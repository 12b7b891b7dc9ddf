#pragma once

#include <torch/torch.h>

#include <filesystem>

#include "model/llama.hpp"

namespace fed_llm {

/// Loads a LLaMA model from a Hugging Face folder: config.json with model.safetensors, or with
/// model.safetensors.index.json and the files it names. Weights of F32, F16 or BF16 are converted
/// to `dtype`. Cost: the model, plus one tensor. Nothing is allocated before every tensor's name
/// and shape has been found to fit config.json. Throws: FileError.
Llama load_llama(const std::filesystem::path& folder, torch::Dtype dtype = torch::kFloat32,
                 torch::Device device = torch::kCPU);

/// Writes config.json and model.safetensors, which load_llama and other readers of the format load
/// again, bit for bit. Fields of a loaded config.json that ferret does not know are kept.
/// Throws: FileError.
void save_llama(const Llama& model, const std::filesystem::path& folder);

}  // namespace fed_llm
