#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "fed_llm/model/llama_config.hpp"
#include "files/warning_observer.hpp"

namespace fed_llm {

/// Reads what config.json says of rotary positions into the configuration, whose sizes are read
/// already: rope_theta beside an object rope_scaling, or an object rope_parameters that holds both,
/// or such an object for each type of layer, all the same; with "rope_type", or the older "type".
/// Throws: FileError where that leaves open which positions are meant: a field or type that is not
/// known, two that disagree, scaling without a type.
void read_rope(const nlohmann::ordered_json& json, const std::filesystem::path& file,
               LlamaConfig& config, const files::WarningObserver& warn);

/// Writes it into `json`, where what stands there does not say the same already.
void write_rope(const LlamaConfig& config, nlohmann::ordered_json& json);

}  // namespace fed_llm
