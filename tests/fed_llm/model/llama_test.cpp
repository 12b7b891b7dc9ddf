#include "fed_llm/model/llama.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/model/reference_llama.hpp"
#include "fed_llm/support/tiny_model.hpp"
#include "support/doctest.hpp"

using namespace fed_llm;

namespace {

const std::vector<std::int64_t> tokens{1, 30, 4, 17, 17, 0, 36, 2, 9};

torch::Tensor as_batch(const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kInt64).unsqueeze(0);
}

void check_against_reference(const LlamaConfig& config) {
    const torch::NoGradGuard no_grad;
    Llama model = tiny_model(config);
    const auto expected = ReferenceLlama(model).logits(tokens);
    const torch::Tensor logits = model->forward(as_batch(tokens)).to(torch::kFloat64);
    REQUIRE(logits.sizes() ==
            torch::IntArrayRef({1, static_cast<std::int64_t>(tokens.size()), config.vocab_size}));
    double largest = 0.0;
    double error = 0.0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (std::size_t j = 0; j < expected[i].size(); ++j) {
            const auto got = logits[0][static_cast<std::int64_t>(i)][static_cast<std::int64_t>(j)];
            largest = std::max(largest, std::abs(expected[i][j]));
            error = std::max(error, std::abs(got.item<double>() - expected[i][j]));
        }
    }
    CHECK(largest > 1.0);
    // Some dozens of float32 roundings of 6e-8 each, amplified by three layers.
    CHECK(error < 2e-5 * largest);
}

}  // namespace

TEST_CASE("logits are those of the plain loops in double precision") {
    LlamaConfig config = tiny_config();
    SUBCASE("grouped queries, own head") {}
    SUBCASE("tied embedding") {
        config.tie_word_embeddings = true;
    }
    SUBCASE("a key/value head for each query head") {
        config.num_key_value_heads = 4;
    }
    SUBCASE("one key/value head") {
        config.num_key_value_heads = 1;
    }
    SUBCASE("a head width of its own and another theta") {
        config.head_dim = 10;
        config.rope_theta = 100.0;
    }
    SUBCASE("scaled positions") {
        config.head_dim = 16;
        config.rope_theta = 100.0;
        config.rope_scaling = Llama3Scaling{.factor = 4.0,
                                            .low_freq_factor = 1.0,
                                            .high_freq_factor = 4.0,
                                            .original_max_position_embeddings = 16};
    }
    SUBCASE("biases on queries, keys and values") {
        config.model_type = "qwen2";
    }
    SUBCASE("biases on the whole attention") {
        config.attention_bias = true;
    }
    check_against_reference(config);
}

TEST_CASE("parameters have the Hugging Face names and order") {
    LlamaConfig config = tiny_config();
    config.num_hidden_layers = 1;
    const std::vector<std::string> expected{"model.embed_tokens.weight",
                                            "model.layers.0.self_attn.q_proj.weight",
                                            "model.layers.0.self_attn.k_proj.weight",
                                            "model.layers.0.self_attn.v_proj.weight",
                                            "model.layers.0.self_attn.o_proj.weight",
                                            "model.layers.0.mlp.gate_proj.weight",
                                            "model.layers.0.mlp.up_proj.weight",
                                            "model.layers.0.mlp.down_proj.weight",
                                            "model.layers.0.input_layernorm.weight",
                                            "model.layers.0.post_attention_layernorm.weight",
                                            "model.norm.weight",
                                            "lm_head.weight"};
    CHECK(Llama(config)->named_parameters().keys() == expected);
    config.tie_word_embeddings = true;
    CHECK(Llama(config)->named_parameters().size() == expected.size() - 1);
    CHECK(Llama(config)->named_buffers().is_empty());
}

TEST_CASE("a bias comes after its matrix, and starts at 0") {
    LlamaConfig config = tiny_config();
    config.num_hidden_layers = 1;
    config.model_type = "qwen2";
    Llama model(config);
    const auto names = model->named_parameters().keys();
    CHECK(names.size() == 15);
    CHECK(names[1] == "model.layers.0.self_attn.q_proj.weight");
    CHECK(names[2] == "model.layers.0.self_attn.q_proj.bias");
    CHECK(names[7] == "model.layers.0.self_attn.o_proj.weight");
    initialize(model, 1);
    const torch::Tensor bias = model->named_parameters()[names[2]].detach();
    CHECK(torch::equal(bias, torch::zeros({24})));
    config.model_type = "llama";
    config.attention_bias = true;
    CHECK(Llama(config)->named_parameters().size() == 16);
}

TEST_CASE("a cache changes what is computed, not what comes out") {
    const torch::NoGradGuard no_grad;
    Llama model = tiny_model(tiny_config());
    const torch::Tensor all = as_batch(tokens);
    const torch::Tensor expected = model->forward(all);
    // Whole, one by one, and several after several.
    for (const std::int64_t step : {std::int64_t{9}, std::int64_t{1}, std::int64_t{4}}) {
        KeyValueCache cache(9);
        std::vector<torch::Tensor> parts;
        for (std::int64_t at = 0; at < 9; at += step) {
            const std::int64_t length = std::min<std::int64_t>(step, 9 - at);
            parts.push_back(model->forward(all.narrow(1, at, length), &cache));
        }
        CHECK(cache.length() == 9);
        // The same products in other groups: float32 roundings alone.
        CHECK(torch::allclose(torch::cat(parts, 1), expected, 1e-4, 1e-4));
    }
}

TEST_CASE("later tokens do not reach earlier positions") {
    const torch::NoGradGuard no_grad;
    Llama model = tiny_model(tiny_config());
    std::vector<std::int64_t> other = tokens;
    other.back() = 21;
    const torch::Tensor a = model->forward(as_batch(tokens));
    const torch::Tensor b = model->forward(as_batch(other));
    CHECK(torch::equal(a.narrow(1, 0, 8), b.narrow(1, 0, 8)));
    CHECK_FALSE(torch::equal(a.select(1, 8), b.select(1, 8)));
}

TEST_CASE("every parameter gets a gradient") {
    Llama model = tiny_model(tiny_config());
    model->forward(as_batch(tokens)).square().sum().backward();
    for (const auto& parameter : model->named_parameters()) {
        CAPTURE(parameter.key());
        REQUIRE(parameter.value().grad().defined());
        CHECK(parameter.value().grad().abs().sum().item<double>() > 0.0);
    }
}

TEST_CASE("inference mode leaves the model trainable") {
    Llama model = tiny_model(tiny_config());
    {
        const c10::InferenceMode inference;
        model->forward(as_batch(tokens));
    }
    CHECK_NOTHROW(model->forward(as_batch(tokens)).sum().backward());
}

TEST_CASE("bfloat16 works throughout") {
    const torch::NoGradGuard no_grad;
    Llama model(tiny_config(), torch::kBFloat16);
    initialize(model, 1);
    const torch::Tensor logits = model->forward(as_batch(tokens));
    CHECK((logits.scalar_type() == torch::kBFloat16));
    CHECK(torch::isfinite(logits).all().item<bool>());
}

TEST_CASE("tokens of another shape or dtype, or too many, are refused") {
    Llama model(tiny_config());
    CHECK_THROWS_AS(model->forward(torch::zeros({3}, torch::kInt64)), std::invalid_argument);
    CHECK_THROWS_AS(model->forward(torch::zeros({1, 3}, torch::kInt32)), std::invalid_argument);
    CHECK_THROWS_AS(model->forward(torch::zeros({1, 0}, torch::kInt64)), std::invalid_argument);
    CHECK_NOTHROW(model->forward(torch::zeros({1, 32}, torch::kInt64)));
    CHECK_THROWS_AS(model->forward(torch::zeros({1, 33}, torch::kInt64)), std::invalid_argument);
    KeyValueCache cache(40);
    model->forward(torch::zeros({1, 30}, torch::kInt64), &cache);
    CHECK_THROWS_AS(model->forward(torch::zeros({1, 3}, torch::kInt64), &cache),
                    std::invalid_argument);
    LlamaConfig config = tiny_config();
    config.num_key_value_heads = 3;
    CHECK_THROWS_AS(Llama{config}, std::invalid_argument);
}

TEST_CASE("a sequence may be as long as its scaling reaches") {
    const torch::NoGradGuard no_grad;
    LlamaConfig config = tiny_config();
    config.max_position_embeddings = 8;
    config.rope_scaling = DynamicScaling{2.0};
    Llama model = tiny_model(config);
    CHECK_NOTHROW(model->forward(torch::zeros({1, 16}, torch::kInt64)));
    CHECK_THROWS_AS(model->forward(torch::zeros({1, 17}, torch::kInt64)), std::invalid_argument);
    // A prefix has the frequencies of its own length, whatever came before.
    const torch::Tensor prefix = as_batch({1, 30, 4, 17});
    CHECK(torch::equal(model->forward(prefix), tiny_model(config)->forward(prefix)));
    // A cache keeps keys as they were turned: within the context nothing changes.
    KeyValueCache cache(16);
    const torch::Tensor whole = as_batch({1, 30, 4, 17, 17, 0, 36, 2});
    model->forward(whole.narrow(1, 0, 5), &cache);
    CHECK(torch::allclose(model->forward(whole.narrow(1, 5, 3), &cache),
                          model->forward(whole).narrow(1, 5, 3), 1e-4, 1e-4));
    CHECK_NOTHROW(model->forward(as_batch({9}), &cache));
}

TEST_CASE("initialize draws N(0, 0.02^2) from the seed, in any dtype alike") {
    LlamaConfig config = tiny_config();
    config.vocab_size = 5000;
    Llama model(config);
    initialize(model, 7);
    const torch::Tensor embedding = model->named_parameters()["model.embed_tokens.weight"].detach();
    // 120000 draws: the deviation of their deviation is 0.02 / sqrt(240000) = 4e-5; six of them.
    CHECK(std::abs(embedding.std().item<double>() - 0.02) < 2.5e-4);
    CHECK(std::abs(embedding.mean().item<double>()) < 6 * 0.02 / std::sqrt(120000.0));
    CHECK(torch::equal(model->named_parameters()["model.norm.weight"].detach(), torch::ones({24})));
    Llama half(config, torch::kBFloat16);
    initialize(half, 7);
    CHECK(torch::equal(half->named_parameters()["model.embed_tokens.weight"].detach(),
                       embedding.to(torch::kBFloat16)));
    Llama other(config);
    initialize(other, 8);
    CHECK_FALSE(torch::equal(other->named_parameters()["model.embed_tokens.weight"], embedding));
}
