#pragma once

#include <filesystem>

#include "federated/store/metrics.hpp"
#include "federated/store/run_folder.hpp"
#include "hugging_face/tokenizer/word_piece.hpp"
#include "kd_lora/model/sequence_classifier.hpp"
#include "kd_lora/options/options.hpp"

namespace kd_lora {

/// Where the parts of a finished run lie, beside those that RunFolder names.
std::filesystem::path adapter_folder(const federated::RunFolder& run);
std::filesystem::path teacher_folder(const federated::RunFolder& run);

/// Writes what a run leaves: the student, merged, which ends its adapters; these, and the teacher, where
/// there are any; and the rounds in the public code's format. `base` is where the student came from.
/// Throws: FileError
void save_results(const Options& options, const federated::RunFolder& run,
                  const std::filesystem::path& base, SequenceClassifier& student,
                  const SequenceClassifier* teacher, const hugging_face::WordPiece& tokenizer);

/// Writes a classifier and its tokenizer, durably. Throws: FileError
void save_with_tokenizer(const SequenceClassifier& model, const hugging_face::WordPiece& tokenizer,
                         const std::filesystem::path& folder);

}  // namespace kd_lora
