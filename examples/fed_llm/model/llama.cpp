#include "fed_llm/model/llama.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace fed_llm {
namespace {

constexpr double initial_deviation = 0.02;

LlamaConfig checked(LlamaConfig config) {
    if (const auto problem = find_problem(config)) {
        throw std::invalid_argument("LlamaConfig: " + problem->field + ": expected " +
                                    problem->expected + ", got " + problem->got);
    }
    return config;
}

}  // namespace

LlamaImpl::LlamaImpl(LlamaConfig config, torch::TensorOptions options)
    : config_(checked(std::move(config))), rotary_(config_.rotary_setting(), config_.rope_scaling) {
    model_ = register_module("model", Decoder(config_, options));
    if (!config_.tie_word_embeddings) {
        lm_head_ = register_module("lm_head",
                                   Projection(config_.hidden_size, config_.vocab_size, options));
    }
}

torch::Tensor LlamaImpl::forward(const torch::Tensor& tokens, KeyValueCache* cache) {
    return logits(hidden_states(tokens, cache));
}

torch::Tensor LlamaImpl::hidden_states(const torch::Tensor& tokens, KeyValueCache* cache) {
    if (tokens.dim() != 2 || tokens.scalar_type() != torch::kInt64 || tokens.numel() == 0) {
        throw std::invalid_argument("Llama: expected int64 tokens [batch, length], got " +
                                    std::to_string(tokens.dim()) + " dimensions, " +
                                    std::to_string(tokens.numel()) + " values of " +
                                    std::string(tokens.dtype().name()));
    }
    const std::int64_t first = cache == nullptr ? 0 : cache->length();
    const std::int64_t length = tokens.size(1);
    const std::int64_t most = config_.max_positions();
    if (length > most - first) {
        throw std::invalid_argument("Llama: expected at most " + std::to_string(most) +
                                    " positions, got " + std::to_string(first + length));
    }
    const torch::Tensor embedded = model_->embed_tokens()->forward(tokens);
    const auto [cosines, sines] = rotary_.rows(first, length, embedded);
    torch::Tensor hidden = model_->forward(embedded, {cosines, sines, cache});
    if (cache != nullptr) cache->advance(length);
    return hidden;
}

torch::Tensor LlamaImpl::logits(const torch::Tensor& hidden) const {
    if (!lm_head_.is_empty()) return lm_head_->forward(hidden);
    return torch::nn::functional::linear(hidden, model_->embed_tokens()->weight());
}

torch::Device LlamaImpl::device() const {
    return model_->embed_tokens()->weight().device();
}

void initialize(Llama& model, std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    torch::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    for (const auto& parameter : model->named_parameters()) {
        torch::Tensor weight = parameter.value();
        if (weight.dim() == 1) {
            weight.fill_(parameter.key().ends_with(".bias") ? 0.0 : 1.0);
        } else {
            // Drawn on the CPU: the generators of other devices give other numbers.
            torch::Tensor drawn = torch::empty(weight.sizes(), torch::kFloat32);
            drawn.normal_(0.0, initial_deviation, generator);
            weight.copy_(drawn);
        }
    }
}

}  // namespace fed_llm
