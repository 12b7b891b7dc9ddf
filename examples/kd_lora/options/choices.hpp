#pragma once

#include "federated/options/choice.hpp"
#include "kd_lora/distillation/mutual_distillation.hpp"

namespace kd_lora {

/// What clients tune, and what they send of it.
enum class Scheme {
    fed_avg,      ///< all parameters, sent whole
    fed_lora,     ///< adapters and head, sent whole
    fed_kd_lora,  ///< the same, and the server distils between student and teacher
    ferret,       ///< all parameters, sent as sketches
    ferret_lora   ///< adapters and head, sent as sketches
};

inline constexpr federated::Choice<Scheme> schemes[] = {{"fedavg", Scheme::fed_avg},
                                                        {"fedlora", Scheme::fed_lora},
                                                        {"fedkd-lora", Scheme::fed_kd_lora},
                                                        {"ferret", Scheme::ferret},
                                                        {"ferret-lora", Scheme::ferret_lora}};

inline bool has_adapters(Scheme scheme) {
    return scheme != Scheme::fed_avg && scheme != Scheme::ferret;
}
inline bool has_sketches(Scheme scheme) {
    return scheme == Scheme::ferret || scheme == Scheme::ferret_lora;
}
inline bool has_teacher(Scheme scheme) {
    return scheme == Scheme::fed_kd_lora;
}

/// Whose AdamW takes the steps.
enum class AdamWKind {
    transformers,    ///< epsilon 1e-6 before the bias correction, no weight decay
    torch,           ///< epsilon 1e-8, weight decay 0.01
    torch_no_decay,  ///< PyTorch's place of epsilon, with transformers' 1e-6 and no weight decay
};

inline constexpr federated::Choice<AdamWKind> adamw_kinds[] = {
    {"transformers", AdamWKind::transformers},
    {"torch", AdamWKind::torch},
    {"torch-no-decay", AdamWKind::torch_no_decay}};

/// What a client counts by in the average.
enum class ClientWeight {
    examples,  ///< those that it trained on in the round
    batches    ///< the batches that these made, as in the public code
};

inline constexpr federated::Choice<ClientWeight> client_weights[] = {
    {"examples", ClientWeight::examples}, {"batches", ClientWeight::batches}};

inline constexpr federated::Choice<KlKind> kl_kinds[] = {
    {"reverse", KlKind::reverse}, {"forward", KlKind::forward}, {"raw", KlKind::raw}};

inline constexpr federated::Choice<AttentionLoss> attention_losses[] = {
    {"masked", AttentionLoss::masked},
    {"padded", AttentionLoss::padded},
    {"none", AttentionLoss::none}};

inline constexpr federated::Choice<AttentionMaps> attention_maps[] = {
    {"before-dropout", AttentionMaps::before_dropout},
    {"after-dropout", AttentionMaps::after_dropout}};

/// Options that are on or off.
inline constexpr federated::Choice<bool> yes_or_no[] = {{"yes", true}, {"no", false}};

}  // namespace kd_lora
