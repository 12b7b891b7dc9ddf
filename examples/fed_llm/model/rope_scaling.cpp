#include "fed_llm/model/rope_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace fed_llm {
namespace {

constexpr std::int64_t most_positions = std::int64_t{1} << 31;

/// theta^(-2 i / head_dim), in float32 as other readers of the checkpoints have it.
torch::Tensor unscaled(std::int64_t head_dim, double theta) {
    const torch::Tensor exponents = torch::arange(0, head_dim, 2, torch::kFloat32) / head_dim;
    return torch::pow(theta, exponents).reciprocal();
}

torch::Tensor unscaled(const RotarySetting& setting) {
    return unscaled(setting.head_dim, setting.theta);
}

std::optional<hugging_face::ConfigProblem> below_one(const char* field, double value) {
    if (value >= 1.0 && std::isfinite(value)) return std::nullopt;
    return hugging_face::ConfigProblem{field, "a number of at least 1", std::to_string(value)};
}

std::optional<hugging_face::ConfigProblem> not_positive(const char* field, double value) {
    if (value > 0.0 && std::isfinite(value)) return std::nullopt;
    return hugging_face::ConfigProblem{field, "a positive number", std::to_string(value)};
}

std::optional<hugging_face::ConfigProblem> no_length(const char* field, std::int64_t value) {
    if (value >= 1 && value <= most_positions) return std::nullopt;
    return hugging_face::ConfigProblem{field, "an integer in 1..2^31", std::to_string(value)};
}

/// YaRN's growth of cosines and sines with the logarithm of the factor.
double yarn_growth(double factor, double weight) {
    return 0.1 * weight * std::log(factor) + 1.0;
}

}  // namespace

std::optional<hugging_face::ConfigProblem> LinearScaling::find_problem(const RotarySetting&) const {
    return below_one("factor", factor);
}

RotaryFrequencies LinearScaling::frequencies(const RotarySetting& setting, std::int64_t) const {
    return {unscaled(setting) / factor};
}

std::optional<hugging_face::ConfigProblem> DynamicScaling::find_problem(
    const RotarySetting& setting) const {
    if (setting.head_dim <= 2) {
        return hugging_face::ConfigProblem{"rope_type", "one that a head of width 2 can have",
                                           "\"dynamic\""};
    }
    return below_one("factor", factor);
}

RotaryFrequencies DynamicScaling::frequencies(const RotarySetting& setting,
                                              std::int64_t length) const {
    const std::int64_t context = setting.max_position_embeddings;
    const double stretch =
        static_cast<double>(std::max(length, context)) / static_cast<double>(context);
    const auto width = static_cast<double>(setting.head_dim);
    const double growth = std::pow(factor * stretch - (factor - 1.0), width / (width - 2.0));
    return {unscaled(setting.head_dim, setting.theta * growth)};
}

double DynamicScaling::max_positions(const RotarySetting& setting) const {
    return factor * static_cast<double>(setting.max_position_embeddings);
}

std::optional<hugging_face::ConfigProblem> YarnScaling::find_problem(
    const RotarySetting& setting) const {
    if (setting.theta <= 1.0) {
        return hugging_face::ConfigProblem{"rope_type", "one that rope_theta up to 1 can have",
                                           "\"yarn\""};
    }
    if (auto problem = below_one("factor", factor)) return problem;
    if (original_max_position_embeddings) {
        if (auto problem =
                no_length("original_max_position_embeddings", *original_max_position_embeddings)) {
            return problem;
        }
    }
    std::optional<hugging_face::ConfigProblem> problem;
    for_each_field(*this, [&]<typename Value>(const char* field, const Value& value) {
        if constexpr (std::is_same_v<Value, std::optional<double>>) {
            if (!problem && value) problem = not_positive(field, *value);
        }
    });
    if (problem) return problem;
    if (beta_fast.value_or(32.0) < beta_slow.value_or(1.0)) {
        return hugging_face::ConfigProblem{"beta_fast",
                                           "at least beta_slow, which is 1 if it is not given",
                                           std::to_string(beta_fast.value_or(32.0))};
    }
    if (mscale.has_value() != mscale_all_dim.has_value()) {
        return hugging_face::ConfigProblem{
            mscale ? "mscale_all_dim" : "mscale",
            "a number where the other of mscale and mscale_all_dim is one", "nothing"};
    }
    if (mscale && attention_factor) {
        return hugging_face::ConfigProblem{"attention_factor", "nothing beside mscale",
                                           std::to_string(*attention_factor)};
    }
    return std::nullopt;
}

RotaryFrequencies YarnScaling::frequencies(const RotarySetting& setting, std::int64_t) const {
    const auto width = static_cast<double>(setting.head_dim);
    const auto context = static_cast<double>(
        original_max_position_embeddings.value_or(setting.max_position_embeddings));
    // Where among the pairs, in entries, one makes so many turns over the original context.
    const auto entry_of = [&](double turns) {
        return width * std::log(context / (turns * 2.0 * std::numbers::pi)) /
               (2.0 * std::log(setting.theta));
    };
    double first = entry_of(beta_fast.value_or(32.0));
    double last = entry_of(beta_slow.value_or(1.0));
    if (truncate.value_or(true)) {
        first = std::floor(first);
        last = std::ceil(last);
    }
    first = std::max(first, 0.0);
    last = std::min(last, width - 1.0);
    if (first == last) last += 0.001;  // a step; the number is the other readers'
    const torch::Tensor slow =
        ((torch::arange(setting.head_dim / 2, torch::kFloat32) - first) / (last - first))
            .clamp(0.0, 1.0);
    const torch::Tensor plain = unscaled(setting);
    const double growth = mscale
                              ? yarn_growth(factor, *mscale) / yarn_growth(factor, *mscale_all_dim)
                              : yarn_growth(factor, 1.0);
    return {slow * plain / factor + (1.0 - slow) * plain, attention_factor.value_or(growth)};
}

double YarnScaling::max_positions(const RotarySetting& setting) const {
    const std::int64_t context =
        original_max_position_embeddings.value_or(setting.max_position_embeddings);
    return std::max(static_cast<double>(setting.max_position_embeddings),
                    factor * static_cast<double>(context));
}

std::optional<hugging_face::ConfigProblem> YarnScaling::find_doubt(
    const RotarySetting& setting) const {
    const double ratio = static_cast<double>(setting.max_position_embeddings) /
                         static_cast<double>(original_max_position_embeddings.value_or(
                             setting.max_position_embeddings));
    if (ratio == factor || ratio == 1.0) return std::nullopt;
    return hugging_face::ConfigProblem{
        "factor",
        "max_position_embeddings / original_max_position_embeddings = " + std::to_string(ratio),
        std::to_string(factor)};
}

std::optional<hugging_face::ConfigProblem> Llama3Scaling::find_problem(const RotarySetting&) const {
    if (auto problem = below_one("factor", factor)) return problem;
    if (auto problem = not_positive("low_freq_factor", low_freq_factor)) return problem;
    if (!(high_freq_factor > low_freq_factor) || !std::isfinite(high_freq_factor)) {
        return hugging_face::ConfigProblem{"high_freq_factor", "a number above low_freq_factor",
                                           std::to_string(high_freq_factor)};
    }
    return no_length("original_max_position_embeddings", original_max_position_embeddings);
}

RotaryFrequencies Llama3Scaling::frequencies(const RotarySetting& setting, std::int64_t) const {
    const torch::Tensor plain = unscaled(setting);
    const torch::Tensor turns =
        static_cast<double>(original_max_position_embeddings) / (2.0 * std::numbers::pi) * plain;
    const torch::Tensor kept =
        ((turns - low_freq_factor) / (high_freq_factor - low_freq_factor)).clamp(0.0, 1.0);
    return {kept * plain + (1.0 - kept) * plain / factor};
}

RotaryFrequencies rotary_frequencies(const RotarySetting& setting,
                                     const std::optional<RopeScaling>& scaling,
                                     std::int64_t length) {
    if (!scaling) return {unscaled(setting)};
    return std::visit([&](const auto& type) { return type.frequencies(setting, length); },
                      *scaling);
}

bool has_own_frequencies(const RotarySetting& setting, const std::optional<RopeScaling>& scaling,
                         std::int64_t length) {
    if (!scaling || length <= setting.max_position_embeddings) return false;
    return std::visit(
        [](const auto& type) {
            return requires {
                type.depends_on_length;
            };
        },
        *scaling);
}

std::int64_t max_positions(const RotarySetting& setting,
                           const std::optional<RopeScaling>& scaling) {
    if (!scaling) return setting.max_position_embeddings;
    return std::visit(
        [&](const auto& type) {
            if constexpr (requires { type.max_positions(setting); }) {
                return static_cast<std::int64_t>(
                    std::min(type.max_positions(setting), static_cast<double>(most_positions)));
            } else {
                return setting.max_position_embeddings;
            }
        },
        *scaling);
}

std::optional<hugging_face::ConfigProblem> find_problem(const RopeScaling& scaling,
                                                        const RotarySetting& setting) {
    return std::visit([&](const auto& type) { return type.find_problem(setting); }, scaling);
}

std::optional<hugging_face::ConfigProblem> find_doubt(const RopeScaling& scaling,
                                                      const RotarySetting& setting) {
    return std::visit(
        [&](const auto& type) -> std::optional<hugging_face::ConfigProblem> {
            if constexpr (requires { type.find_doubt(setting); }) return type.find_doubt(setting);
            return std::nullopt;
        },
        scaling);
}

}  // namespace fed_llm
