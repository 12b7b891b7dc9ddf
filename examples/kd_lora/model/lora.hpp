#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// Low-rank adapters beside projections, as the Python package PEFT sets them. The defaults are the
/// public code's.
struct LoraSettings {
    std::int64_t rank = 8;
    double alpha = 16.0;
    double dropout = 0.1;
    /// The projections to adapt: those whose name is one of these, or ends in "." and one of these.
    std::vector<std::string> targets = {"q_lin", "v_lin"};
    /// The projections that are trained whole, and travel with the adapters: those whose name ends in
    /// one of these. As in PEFT, "classifier" is pre_classifier, too.
    std::vector<std::string> whole = {"classifier"};
};

/// Whether the projection of this name is a target by one of the names in `targets`, and whether it is
/// trained whole by one of those in `whole`.
bool is_lora_target(const std::string& projection, const std::string& target);
bool is_trained_whole(const std::string& projection, const std::string& end);

/// Throws: std::invalid_argument for a rank below 1, a dropout rate outside [0, 1), an alpha that is
/// not positive and finite.
void check(const LoraSettings& settings);

/// Sets adapters beside the targets, and freezes all but them and what is trained whole.
///
/// Math:   y = W x + b + s B A dropout(x), s = alpha / rank, A [rank, in] uniform in +-1/sqrt(in), B
///         [out, rank] zero, so that the model starts as it was
/// Repro:  A is a function of the seed, the settings, the shapes and the LibTorch release, whatever the
///         model's dtype and device
/// Throws: std::invalid_argument as check(); where a target or a name of `whole` finds no projection, one
///         is both, or the model has adapters already; it is then as before
/// Source: Hu et al., ICLR 2022, arXiv 2106.09685; the laws are those of PEFT
void add_lora(SequenceClassifier& model, const LoraSettings& settings, std::uint64_t seed);

/// W := W + s B A, without the adapters; everything is trained again. The answers stay, but for
/// roundings.
void merge_lora(SequenceClassifier& model);

}  // namespace kd_lora
