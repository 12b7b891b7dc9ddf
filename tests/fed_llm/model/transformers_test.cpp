#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "fed_llm/model/llama.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

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
    config.rope_scaling = Llama3Scaling{.factor = 8.0,
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

TEST_CASE("linear, dynamic and yarn give the logits of transformers") {
    LlamaConfig config = long_config();
    config.head_dim = 16;
    config.rope_theta = 500.0;
    Logits expected{};
    SUBCASE("linear") {
        config.rope_scaling = LinearScaling{4.0};
        expected = {1.17814,  -1.24149,  -1.8727,   -0.723499, -0.225258, -4.28046, 1.65614,
                    -2.83933, 2.72084,   0.425232,  0.734562,  -0.952668, 1.96124,  -2.93327,
                    0.54946,  3.02065,   2.93059,   2.69282,   -3.23516,  1.19402,  -0.508269,
                    0.175129, -0.728929, 0.703588,  1.41124,   -1.16919,  1.68682,  0.812117,
                    1.87239,  1.07824,   -0.338429, -2.41903,  -1.79431,  -2.02709, 0.0752803,
                    -2.37969, -3.53466};
    }
    SUBCASE("dynamic, beyond the context") {
        config.max_position_embeddings = 32;
        config.rope_scaling = DynamicScaling{4.0};
        expected = {1.45851,  0.194405,  -0.96899, 1.30808,   0.990774,  -2.7955,  0.00661119,
                    -2.09255, 2.49027,   1.06059,  -0.242725, 0.897148,  3.17212,  -3.2216,
                    1.2079,   -1.46968,  2.39856,  1.21367,   -3.38339,  2.27792,  0.57696,
                    -2.90382, -0.169475, 0.745845, -0.874002, 0.121867,  0.393806, -0.236978,
                    1.6095,   -0.170641, 1.03939,  -1.43216,  -0.218339, -2.03451, -1.25608,
                    -1.32958, -4.2055};
    }
    SUBCASE("yarn") {
        config.max_position_embeddings = 32;
        config.rope_scaling = YarnScaling{.factor = 4.0, .beta_fast = 8.0, .beta_slow = 0.5};
        expected = {1.56713,  0.750447,   -0.756459, 1.62854,   1.41192,   -2.39966, 0.0683561,
                    -1.44821, 2.45363,    1.00394,   -0.378066, 1.41436,   3.19188,  -2.76885,
                    1.3597,   -1.54587,   1.86542,   0.917181,  -3.36765,  2.22573,  0.522788,
                    -2.56904, -0.0711594, 0.757664,  -1.13942,  0.0915663, 0.416126, -0.857407,
                    1.54333,  -0.29156,   1.63301,   -1.39234,  -0.273141, -2.08815, -1.75017,
                    -1.62873, -3.77664};
    }
    check_last_logits(config, expected);
}
