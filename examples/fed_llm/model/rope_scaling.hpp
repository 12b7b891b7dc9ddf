#pragma once

#include <cstdint>

namespace fed_llm {

/// Llama 3's stretching of the rotary positions beyond the context it was pretrained on
/// (rope_type "llama3"). The fields are named after those of the Hugging Face config.json.
///
/// Math: with t = original_max_position_embeddings * frequency / (2 pi), the turns that a pair of
/// entries makes over the original context, and s = (t - low_freq_factor) / (high_freq_factor -
/// low_freq_factor) held within [0, 1], the frequency becomes s * frequency + (1 - s) * frequency /
/// factor. Source: Llama Team, arXiv 2407.21783, and the rotary embedding of Llama 3.1's release.
struct RopeScaling {
    double factor = 1.0;
    double low_freq_factor = 1.0;
    double high_freq_factor = 4.0;
    std::int64_t original_max_position_embeddings = 8192;
};

}  // namespace fed_llm
