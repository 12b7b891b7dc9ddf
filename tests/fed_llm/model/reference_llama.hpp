#pragma once

#include <torch/torch.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "fed_llm/model/llama.hpp"

/// The LLaMA decoder once more, in plain loops and double precision: the oracle of the tests. It
/// knows the weights by their Hugging Face names and shares no code with the model.
class ReferenceLlama {
public:
    using Vector = std::vector<double>;

    explicit ReferenceLlama(const fed_llm::Llama& model)
        : config_(model->config()), weights_(model->named_parameters()) {}

    /// Logits of every position, row after row.
    std::vector<Vector> logits(const std::vector<std::int64_t>& tokens) const {
        std::vector<Vector> states;
        for (const std::int64_t token : tokens) states.push_back(row("model.embed_tokens", token));
        for (std::int64_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
            const std::string prefix = "model.layers." + std::to_string(layer) + ".";
            attend(prefix, states);
            for (Vector& state : states) feed_forward(prefix, state);
        }
        std::vector<Vector> result;
        for (const Vector& state : states) {
            result.push_back(times(config_.tie_word_embeddings ? "model.embed_tokens" : "lm_head",
                                   normalized("model.norm", state)));
        }
        return result;
    }

private:
    torch::Tensor weight(const std::string& name) const {
        return weights_[name + ".weight"].detach().to(torch::kFloat64);
    }

    Vector row(const std::string& name, std::int64_t index) const {
        const torch::Tensor values = weight(name)[index].contiguous();
        return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
    }

    Vector times(const std::string& name, const Vector& input) const {
        const torch::Tensor matrix = weight(name).contiguous();
        const double* at = matrix.data_ptr<double>();
        Vector output(static_cast<std::size_t>(matrix.size(0)), 0.0);
        for (double& value : output) {
            for (const double factor : input) value += *at++ * factor;
        }
        if (const torch::Tensor* bias = weights_.find(name + ".bias")) {
            for (std::size_t i = 0; i < output.size(); ++i) {
                output[i] += (*bias)[static_cast<std::int64_t>(i)].item<double>();
            }
        }
        return output;
    }

    Vector normalized(const std::string& name, const Vector& input) const {
        const torch::Tensor scale = weight(name).contiguous();
        double squares = 0.0;
        for (const double value : input) squares += value * value;
        const double root =
            std::sqrt(squares / static_cast<double>(input.size()) + config_.rms_norm_eps);
        Vector output = input;
        for (std::size_t i = 0; i < output.size(); ++i) {
            output[i] *= scale.data_ptr<double>()[i] / root;
        }
        return output;
    }

    /// Llama 3's scaling by wavelengths, as the release of Llama 3.1 has it.
    double scaled(double frequency) const {
        if (!config_.rope_scaling) return frequency;
        const auto& scaling = std::get<fed_llm::Llama3Scaling>(*config_.rope_scaling);
        const auto context = static_cast<double>(scaling.original_max_position_embeddings);
        const double wavelength = 2.0 * std::acos(-1.0) / frequency;
        if (wavelength < context / scaling.high_freq_factor) return frequency;
        if (wavelength > context / scaling.low_freq_factor) return frequency / scaling.factor;
        const double smooth = (context / wavelength - scaling.low_freq_factor) /
                              (scaling.high_freq_factor - scaling.low_freq_factor);
        return (1.0 - smooth) * frequency / scaling.factor + smooth * frequency;
    }

    /// The entries of one head, turned by its position: entry i goes with entry i + width / 2.
    Vector turned(const Vector& all, std::size_t head, std::size_t position) const {
        const auto width = static_cast<std::size_t>(config_.attention_head_dim());
        Vector output(width);
        for (std::size_t i = 0; i < width / 2; ++i) {
            const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(width);
            const double angle = static_cast<double>(position) *
                                 scaled(1.0 / std::pow(config_.rope_theta, exponent));
            const double a = all[head * width + i];
            const double b = all[head * width + i + width / 2];
            output[i] = a * std::cos(angle) - b * std::sin(angle);
            output[i + width / 2] = b * std::cos(angle) + a * std::sin(angle);
        }
        return output;
    }

    void attend(const std::string& prefix, std::vector<Vector>& states) const {
        const auto width = static_cast<std::size_t>(config_.attention_head_dim());
        const auto heads = static_cast<std::size_t>(config_.num_attention_heads);
        const auto shared = heads / static_cast<std::size_t>(config_.num_key_value_heads);
        std::vector<Vector> keys;
        std::vector<Vector> values;
        for (std::size_t query = 0; query < states.size(); ++query) {
            const Vector input = normalized(prefix + "input_layernorm", states[query]);
            const Vector queries = times(prefix + "self_attn.q_proj", input);
            keys.push_back(times(prefix + "self_attn.k_proj", input));
            values.push_back(times(prefix + "self_attn.v_proj", input));
            Vector mixed(heads * width, 0.0);
            for (std::size_t head = 0; head < heads; ++head) {
                Vector shares;
                double sum = 0.0;
                for (std::size_t key = 0; key <= query; ++key) {
                    const Vector left = turned(queries, head, query);
                    const Vector right = turned(keys[key], head / shared, key);
                    double score = 0.0;
                    for (std::size_t i = 0; i < width; ++i) score += left[i] * right[i];
                    shares.push_back(std::exp(score / std::sqrt(static_cast<double>(width))));
                    sum += shares.back();
                }
                for (std::size_t key = 0; key <= query; ++key) {
                    for (std::size_t i = 0; i < width; ++i) {
                        mixed[head * width + i] +=
                            shares[key] / sum * values[key][head / shared * width + i];
                    }
                }
            }
            const Vector output = times(prefix + "self_attn.o_proj", mixed);
            for (std::size_t i = 0; i < output.size(); ++i) states[query][i] += output[i];
        }
    }

    void feed_forward(const std::string& prefix, Vector& state) const {
        const Vector input = normalized(prefix + "post_attention_layernorm", state);
        Vector gate = times(prefix + "mlp.gate_proj", input);
        const Vector up = times(prefix + "mlp.up_proj", input);
        for (std::size_t i = 0; i < gate.size(); ++i) {
            gate[i] = gate[i] / (1.0 + std::exp(-gate[i])) * up[i];
        }
        const Vector output = times(prefix + "mlp.down_proj", gate);
        for (std::size_t i = 0; i < output.size(); ++i) state[i] += output[i];
    }

    fed_llm::LlamaConfig config_;
    torch::OrderedDict<std::string, torch::Tensor> weights_;
};
