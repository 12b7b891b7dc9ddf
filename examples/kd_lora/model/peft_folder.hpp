#pragma once

#include <filesystem>
#include <string>

#include "kd_lora/model/lora.hpp"
#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// Reads adapter_config.json of a LoRA for sequence classification, as PEFT writes it.
/// Throws: FileError where a field is missing, wrong, or asks for what LoraSettings have not (another
/// method, rsLoRA, DoRA, trained biases, ranks by layer, target_modules as an expression).
LoraSettings read_lora_settings(const std::filesystem::path& file);

/// Sets the adapters of a PEFT folder beside the model's projections, and puts the projections that
/// were trained whole in the place of the model's: adapter_config.json and adapter_model.safetensors.
/// The rest is frozen, as by add_lora(). The settings are those that found a projection.
/// Throws: FileError, also where the tensors are not exactly those of the settings and the model, or
///         are not finite; std::invalid_argument where the model has adapters already. The model is then
///         as before.
LoraSettings load_adapter(SequenceClassifier& model, const std::filesystem::path& folder);

/// Writes such a folder: what load_adapter() and PEFT load onto the same model. `base_model` is for the
/// reader: where that came from.
/// Throws: FileError; std::invalid_argument where the model has no adapters of these settings, or is in
///         float64
void save_adapter(SequenceClassifier& model, const LoraSettings& settings,
                  const std::filesystem::path& folder, const std::string& base_model = {});

}  // namespace kd_lora
