#pragma once

#include <cstdint>
#include <filesystem>

#include "files/warning_observer.hpp"
#include "kd_lora/model/lora.hpp"
#include "kd_lora/model/sequence_classifier.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// The adapters of the options.
LoraSettings lora_settings(const Options& options);

/// The student of the folder, with adapters where the scheme has them.
/// Throws: as load_classifier and add_lora
SequenceClassifier load_student(const Options& options, const std::filesystem::path& folder,
                                std::int64_t labels, const files::WarningObserver& warn);

SequenceClassifier load_teacher(const Options& options, const std::filesystem::path& folder,
                                std::int64_t labels, const files::WarningObserver& warn);

/// A fingerprint of all parameters, the frozen ones among them, as 16 hexadecimal digits.
std::string fingerprint_of(const SequenceClassifier& model);

}  // namespace kd_lora
