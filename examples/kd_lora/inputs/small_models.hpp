#pragma once

#include <cstdint>

#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// A BERT of 4 layers, 64 wide, with weights drawn at random, for a vocabulary of this size.
/// Repro: as new_classifier
SequenceClassifier small_teacher(std::int64_t vocabulary_size, std::uint64_t seed);

/// A DistilBERT of every second layer of the teacher, the last among them, with its embeddings; token type
/// 0 is added to the positions. The head is drawn at random.
/// Source: Sanh et al., arXiv 1910.01108, section 3
SequenceClassifier half_the_layers(const SequenceClassifier& teacher, std::uint64_t seed);

}  // namespace kd_lora
