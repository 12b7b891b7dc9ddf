#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "model/llama.hpp"
#include "support/doctest.hpp"
#include "support/tiny_model.hpp"

using namespace fed_llm;

namespace {

constexpr std::int64_t vocabulary = 37;
using Logits = std::array<double, vocabulary>;

/// The weights of against_transformers.py.
void fill(Llama& model) {
    const torch::NoGradGuard no_grad;
    double number = 0.0;
    for (auto& parameter : model->named_parameters()) {
        torch::Tensor weight = parameter.value();
        const torch::Tensor index = torch::arange(weight.numel(), torch::kFloat64);
        const torch::Tensor wave = torch::sin(0.37 * index * index + number + 1.0);
        const bool scales = weight.dim() == 1 && !parameter.key().ends_with(".bias");
        weight.copy_((scales ? 1.0 + 0.3 * wave : 0.5 * wave).view(weight.sizes()));
        number += 1.0;
    }
}

void check_last_logits(const LlamaConfig& config, const Logits& expected) {
    const torch::NoGradGuard no_grad;
    Llama model(config);
    fill(model);
    std::vector<std::int64_t> tokens;
    for (int i = 0; i < 8; ++i) {
        for (const std::int64_t token : {1, 30, 4, 17, 17, 0, 36, 2, 9}) tokens.push_back(token);
    }
    const torch::Tensor batch = torch::tensor(tokens, torch::kInt64).unsqueeze(0);
    const torch::Tensor last = model->forward(batch)[0][-1].to(torch::kFloat64);
    double largest = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double got = last[static_cast<std::int64_t>(i)].item<double>();
        largest = std::max(largest, std::abs(expected[i]));
        error = std::max(error, std::abs(got - expected[i]));
    }
    // Some dozens of float32 roundings of 6e-8 each, amplified by three layers, and six digits here.
    CHECK(error < 2e-5 * largest);
}

LlamaConfig long_config() {
    LlamaConfig config = tiny_config();
    config.vocab_size = vocabulary;
    config.max_position_embeddings = 256;
    return config;
}

}  // namespace

// The numbers are those of transformers: against_transformers.py --stored.

TEST_CASE("Llama 3's scaled positions give the logits of transformers") {
    LlamaConfig config = long_config();
    config.head_dim = 16;
    config.rope_theta = 500.0;
    config.rope_scaling = RopeScaling{.factor = 8.0,
                                      .low_freq_factor = 1.0,
                                      .high_freq_factor = 4.0,
                                      .original_max_position_embeddings = 64};
    check_last_logits(
        config,
        {1.04589,   -0.640078, -0.850615, -1.29249,  -0.484348, -3.76928, 1.96511,  -1.96289,
         3.26558,   0.402671,  0.605729,  -0.630336, 2.24871,   -3.41758, 0.573454, 2.61043,
         2.71095,   3.25098,   -3.0572,   1.99564,   -0.384044, -0.19591, -0.46309, 1.13018,
         0.827533,  -0.157782, 1.23785,   1.10189,   2.19913,   1.51592,  0.285878, -2.66833,
         -0.874158, -2.73548,  0.172966,  -2.4521,   -4.18006});
}

TEST_CASE("Qwen2's biases give the logits of transformers") {
    LlamaConfig config = long_config();
    config.model_type = "qwen2";
    config.rope_theta = 1e6;
    check_last_logits(
        config,
        {0.229006,   -1.11912,  1.75742,   -0.4336,  -3.0459,   0.188563,  -3.47392, -0.93117,
         1.29094,    1.39628,   0.396219,  1.06673,  2.57982,   -0.214429, -1.18739, 1.92529,
         0.619752,   -0.371505, 1.73135,   1.47978,  -0.344789, 2.83624,   2.5488,   -0.576044,
         -0.0426279, 1.93512,   -0.170888, 3.12442,  3.12846,   -3.06092,  -1.11918, -2.26319,
         1.09083,    -3.48424,  0.0218357, 0.510815, -0.929585});
}
