#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "hugging_face/config/config_problem.hpp"

namespace fed_llm {

/// What rotary positions go by, whether they are scaled or not.
struct RotarySetting {
    std::int64_t head_dim;
    double theta;
    std::int64_t max_position_embeddings;
};

/// What turns the pairs of a head's entries.
struct RotaryFrequencies {
    torch::Tensor per_position;     ///< radians a position, float32 [head_dim / 2]
    double attention_factor = 1.0;  ///< multiplies cosines and sines
};

// Each struct below is one rope_type of the Hugging Face config.json, its members the fields there:
// a std::optional one may be absent. for_each_field visits name and member of each; find_problem
// names the first that no model can have. Another type is one more such struct, named in
// RopeScaling; all other code goes by these members.

/// Positions divided by `factor`. Source: Chen et al., arXiv 2306.15595.
/// Math: frequency / factor.
struct LinearScaling {
    static constexpr std::string_view rope_type = "linear";

    double factor = 1.0;

    static void for_each_field(auto& self, auto&& visit) { visit("factor", self.factor); }
    std::optional<hugging_face::ConfigProblem> find_problem(const RotarySetting& setting) const;
    RotaryFrequencies frequencies(const RotarySetting& setting, std::int64_t length) const;
    bool operator==(const LinearScaling&) const = default;
};

/// NTK-aware scaling that grows with the sequence: one of n positions, n above m =
/// max_position_embeddings, is turned by other frequencies than a shorter one. Keys that a cache
/// holds stay as they were turned.
/// Math: theta becomes theta (factor n / m - factor + 1)^(head_dim / (head_dim - 2)).
/// Source: the rotary embedding of the Python package transformers, whose frequencies, once grown,
/// also serve shorter sequences above m until one below m comes; here they go by n alone.
struct DynamicScaling {
    static constexpr std::string_view rope_type = "dynamic";
    static constexpr bool depends_on_length = true;  ///< above max_position_embeddings

    double factor = 1.0;

    static void for_each_field(auto& self, auto&& visit) { visit("factor", self.factor); }
    std::optional<hugging_face::ConfigProblem> find_problem(const RotarySetting& setting) const;
    RotaryFrequencies frequencies(const RotarySetting& setting, std::int64_t length) const;
    double max_positions(const RotarySetting& setting) const;
    bool operator==(const DynamicScaling&) const = default;
};

/// Slow pairs are divided by `factor`, fast ones kept, with a ramp over the pairs between those that
/// make beta_slow and beta_fast turns over the original context, whose ends are whole pairs unless
/// `truncate` is false; cosines and sines grow by attention_factor.
/// Math: with m(a) = 0.1 a ln(factor) + 1, attention_factor is m(mscale) / m(mscale_all_dim), or
/// m(1) without these two. Source: Peng et al., arXiv 2309.00071; where that leaves a choice, the
/// Python package transformers.
struct YarnScaling {
    static constexpr std::string_view rope_type = "yarn";

    double factor = 1.0;
    /// Or max_position_embeddings.
    std::optional<std::int64_t> original_max_position_embeddings = std::nullopt;
    std::optional<double> attention_factor = std::nullopt;
    std::optional<double> beta_fast = std::nullopt;  ///< or 32
    std::optional<double> beta_slow = std::nullopt;  ///< or 1
    std::optional<double> mscale = std::nullopt;
    std::optional<double> mscale_all_dim = std::nullopt;
    std::optional<bool> truncate = std::nullopt;  ///< or true

    static void for_each_field(auto& self, auto&& visit) {
        visit("factor", self.factor);
        visit("original_max_position_embeddings", self.original_max_position_embeddings);
        visit("attention_factor", self.attention_factor);
        visit("beta_fast", self.beta_fast);
        visit("beta_slow", self.beta_slow);
        visit("mscale", self.mscale);
        visit("mscale_all_dim", self.mscale_all_dim);
        visit("truncate", self.truncate);
    }
    std::optional<hugging_face::ConfigProblem> find_problem(const RotarySetting& setting) const;
    RotaryFrequencies frequencies(const RotarySetting& setting, std::int64_t length) const;
    double max_positions(const RotarySetting& setting) const;
    std::optional<hugging_face::ConfigProblem> find_doubt(const RotarySetting& setting) const;
    bool operator==(const YarnScaling&) const = default;
};

/// Llama 3's stretching by wavelengths.
/// Math: with t = original_max_position_embeddings * frequency / (2 pi), the turns that a pair of
/// entries makes over the original context, and s = (t - low_freq_factor) / (high_freq_factor -
/// low_freq_factor) held within [0, 1], the frequency becomes s * frequency + (1 - s) * frequency /
/// factor. Source: Llama Team, arXiv 2407.21783, and the rotary embedding of Llama 3.1's release.
struct Llama3Scaling {
    static constexpr std::string_view rope_type = "llama3";

    double factor = 1.0;
    double low_freq_factor = 1.0;
    double high_freq_factor = 4.0;
    std::int64_t original_max_position_embeddings = 8192;

    static void for_each_field(auto& self, auto&& visit) {
        visit("factor", self.factor);
        visit("low_freq_factor", self.low_freq_factor);
        visit("high_freq_factor", self.high_freq_factor);
        visit("original_max_position_embeddings", self.original_max_position_embeddings);
    }
    std::optional<hugging_face::ConfigProblem> find_problem(const RotarySetting& setting) const;
    RotaryFrequencies frequencies(const RotarySetting& setting, std::int64_t length) const;
    bool operator==(const Llama3Scaling&) const = default;
};

/// How rotary positions reach beyond the context that a model was pretrained on.
using RopeScaling = std::variant<LinearScaling, DynamicScaling, YarnScaling, Llama3Scaling>;

/// What turns the pairs in a sequence of `length` positions, scaled or not: unscaled,
/// theta^(-2 i / head_dim). Source: Su et al., RoFormer, arXiv 2104.09864.
RotaryFrequencies rotary_frequencies(const RotarySetting& setting,
                                     const std::optional<RopeScaling>& scaling,
                                     std::int64_t length);

/// Whether rotary_frequencies() of this length are other ones than those of shorter sequences.
bool has_own_frequencies(const RotarySetting& setting, const std::optional<RopeScaling>& scaling,
                         std::int64_t length);

/// The most positions that a model with this scaling is for: max_position_embeddings, which dynamic
/// and yarn stretch. At most 2^31.
std::int64_t max_positions(const RotarySetting& setting, const std::optional<RopeScaling>& scaling);

/// The first field that no model can have.
std::optional<hugging_face::ConfigProblem> find_problem(const RopeScaling& scaling,
                                                        const RotarySetting& setting);

/// A field that makes another model in another reader of the format.
std::optional<hugging_face::ConfigProblem> find_doubt(const RopeScaling& scaling,
                                                      const RotarySetting& setting);

}  // namespace fed_llm
