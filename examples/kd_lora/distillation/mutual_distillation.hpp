#pragma once

#include <torch/torch.h>

#include "kd_lora/model/sequence_classifier.hpp"

namespace kd_lora {

/// How a learner's answers are held against its peer's. p, q are the softmax of the learner's and the
/// peer's logits a, b; sums go over the labels, and the mean is taken over the batch. The peer gets no
/// gradient.
enum class KlKind {
    forward,  ///< KL(q || p) = sum q (log q - log p): the usual distillation
    reverse,  ///< KL(p || q) = sum p (log p - log q)
    raw       ///< sum e^a (a - b), on the logits as they are, as in the public code: no divergence
};

/// How the student's attention is held against the teacher's.
enum class AttentionLoss {
    none,
    masked,  ///< over pairs of real tokens
    padded  ///< over the whole padded batch, as in the public code: its value depends on the padding
};

struct MutualDistillation {
    KlKind kl = KlKind::reverse;
    AttentionLoss attention = AttentionLoss::masked;
    double attention_weight = 1.0;
    /// Whether the divisor of the attention term is a constant, too. The public code's is not, which
    /// weakens the gradients of the cross entropies.
    bool detach_divisor = true;
};

/// The public code's loss to the letter, which takes its maps after dropout.
inline constexpr MutualDistillation public_mutual_distillation{
    .kl = KlKind::raw, .attention = AttentionLoss::padded, .detach_divisor = false};

/// A loss and its parts: total is their sum. Scalars.
struct MutualLoss {
    torch::Tensor total;
    torch::Tensor student_cross_entropy;
    torch::Tensor teacher_cross_entropy;
    torch::Tensor student_kl;  ///< divided already
    torch::Tensor teacher_kl;
    torch::Tensor attention;  ///< weighted and divided; undefined: none
};

/// Two models learn from the labels and from each other.
///
/// Math:   CE_s + CE_t + (KL_s + KL_t + w A) / (CE_s + CE_t + 1), the divisor being a constant as far
///         as `settings` say. A = sum over the student's layers of the mean squared difference between
///         a layer's attention map and the teacher's: layer j from the top goes with the teacher's
///         layer j * floor(L_t / L_s) from the top.
/// Shapes: logits [batch, labels], mask [batch, length] bool or int64, labels [batch] int64; one map a
///         layer [batch, heads, length, length]. The maps are not looked at without attention loss.
/// Throws: std::invalid_argument where the two models' logits, heads or lengths differ, the student has
///         more layers than the teacher, or the maps are missing
/// Source: Wu et al., FedKD, Nature Communications 2022, arXiv 2108.13323, has the division by the task
///         losses
MutualLoss mutual_distillation_loss(const ClassifierOutput& student,
                                    const ClassifierOutput& teacher, const torch::Tensor& mask,
                                    const torch::Tensor& labels,
                                    const MutualDistillation& settings = {});

/// The term KL of one learner, a scalar. Throws: std::invalid_argument for different shapes.
torch::Tensor divergence(const torch::Tensor& learner, const torch::Tensor& peer, KlKind kind);

/// The sum A over the student's layers. Throws: as mutual_distillation_loss.
torch::Tensor attention_difference(const std::vector<torch::Tensor>& student,
                                   const std::vector<torch::Tensor>& teacher,
                                   const torch::Tensor& mask, AttentionLoss kind);

}  // namespace kd_lora
