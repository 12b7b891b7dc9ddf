#include "kd_lora/model/sequence_classifier.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <limits>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace kd_lora {
namespace {

BertConfig checked(BertConfig config) {
    if (const auto problem = find_problem(config)) {
        throw std::invalid_argument("BertConfig: " + problem->field + ": expected " +
                                    problem->expected + ", got " + problem->got);
    }
    return config;
}

std::string encoder_of(const BertConfig& config) {
    return config.family == BertFamily::bert ? "bert." : "distilbert.";
}

std::vector<EncoderLayer> make_layers(const BertConfig& config, const MakeParameter& make) {
    const std::string prefix = encoder_of(config) +
                               (config.family == BertFamily::bert ? "encoder" : "transformer") +
                               ".layer.";
    std::vector<EncoderLayer> layers;
    for (std::int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
        layers.emplace_back(prefix + std::to_string(layer) + ".", config, make);
    }
    return layers;
}

/// What is added to the score of a padding token: not infinity, of which a sum may become NaN. The
/// token's share is zero all the same.
constexpr double padding_score = std::numeric_limits<float>::lowest();

[[noreturn]] void refuse(const std::string& what, const std::string& expected,
                         const std::string& got) {
    throw std::invalid_argument("SequenceClassifier: " + what + ": expected " + expected +
                                ", got " + got);
}

std::string describe(const torch::Tensor& tensor) {
    std::ostringstream text;
    text << tensor.scalar_type() << ' ' << tensor.sizes();
    return text.str();
}

}  // namespace

SequenceClassifier::SequenceClassifier(BertConfig config, const MakeParameter& make)
    : config_(checked(std::move(config))),
      embeddings_(encoder_of(config_), config_, make),
      layers_(make_layers(config_, make)),
      pooler_(config_.family == BertFamily::bert ? "bert.pooler.dense" : "pre_classifier",
              config_.hidden_size, config_.hidden_size, make),
      classifier_("classifier", config_.hidden_size, config_.labels, make) {
    for (NamedParameter& parameter : parameters()) {
        if (parameter.tensor.defined()) parameter.tensor.set_requires_grad(true);
    }
}

void SequenceClassifier::check_input(const torch::Tensor& tokens, const torch::Tensor& mask) const {
    if (tokens.dim() != 2 || tokens.scalar_type() != torch::kInt64 || tokens.numel() == 0) {
        refuse("tokens", "int64 [batch, length]", describe(tokens));
    }
    const bool masks = mask.scalar_type() == torch::kInt64 || mask.scalar_type() == torch::kBool;
    if (mask.sizes() != tokens.sizes() || !masks) {
        std::ostringstream expected;
        expected << "bool or int64 " << tokens.sizes();
        refuse("mask", expected.str(), describe(mask));
    }
    if (tokens.size(1) > config_.max_position_embeddings) {
        refuse("tokens", "at most " + std::to_string(config_.max_position_embeddings) + " a row",
               std::to_string(tokens.size(1)));
    }
    const auto [least, greatest] = torch::aminmax(tokens);
    if (least.item<std::int64_t>() < 0 || greatest.item<std::int64_t>() >= config_.vocab_size) {
        refuse("tokens", "tokens below " + std::to_string(config_.vocab_size),
               std::to_string(least.item<std::int64_t>()) + ".." +
                   std::to_string(greatest.item<std::int64_t>()));
    }
}

ClassifierOutput SequenceClassifier::forward(const torch::Tensor& tokens, const torch::Tensor& mask,
                                             const ForwardSettings& settings) const {
    check_input(tokens, mask);
    const torch::Tensor real = mask.to(torch::kBool);
    if (!real.any(1).all().item<bool>()) refuse("mask", "a token in every row", "only padding");
    LayerInput input{{}, settings.dropout, settings.attention};
    if (!real.all().item<bool>()) {
        input.padding = real.logical_not()
                            .to(embeddings_.word.scalar_type())
                            .mul_(padding_score)
                            .view({tokens.size(0), 1, 1, tokens.size(1)});
    }
    ClassifierOutput output;
    output.hidden = embeddings_.forward(tokens, settings.dropout);
    for (const EncoderLayer& layer : layers_) {
        output.hidden = layer.forward(output.hidden, input, output.attention);
    }
    const torch::Tensor first = pooler_.forward(output.hidden.select(1, 0), settings.dropout);
    output.pooled = config_.family == BertFamily::bert ? first.tanh() : first.relu();
    output.logits = classifier_.forward(
        drop(settings.dropout, output.pooled, config_.head_dropout()), settings.dropout);
    return output;
}

std::vector<NamedParameter> SequenceClassifier::parameters() const {
    std::vector<NamedParameter> parameters;
    embeddings_.append_parameters(parameters);
    for (const EncoderLayer& layer : layers_) layer.append_parameters(parameters);
    pooler_.append_parameters(parameters);
    classifier_.append_parameters(parameters);
    return parameters;
}

std::vector<NamedParameter> SequenceClassifier::trained_parameters() const {
    std::vector<NamedParameter> trained = parameters();
    std::erase_if(
        trained, [](const NamedParameter& parameter) { return !parameter.tensor.requires_grad(); });
    return trained;
}

std::vector<Projection*> SequenceClassifier::projections() {
    std::vector<Projection*> all;
    for (EncoderLayer& layer : layers_) {
        for (Projection* projection : layer.projections()) all.push_back(projection);
    }
    all.push_back(&pooler_);
    all.push_back(&classifier_);
    return all;
}

torch::Tensor initial_parameter(const BertConfig& config, const std::string& name,
                                const std::vector<std::int64_t>& shape, torch::Generator& generator,
                                torch::TensorOptions options) {
    if (shape.size() == 1) {
        return name.ends_with(".bias") ? torch::zeros(shape, options) : torch::ones(shape, options);
    }
    // Drawn on the CPU: the generators of other devices give other numbers.
    torch::Tensor drawn = torch::empty(shape, torch::kFloat32);
    drawn.normal_(0.0, config.initializer_range, generator);
    if (config.pad_token_id >= 0 && name.ends_with(".word_embeddings.weight")) {
        drawn[config.pad_token_id].zero_();
    }
    return drawn.to(options);
}

SequenceClassifier new_classifier(const BertConfig& config, std::uint64_t seed,
                                  torch::TensorOptions options) {
    torch::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return {config, [&](const std::string& name, const std::vector<std::int64_t>& shape) {
                return initial_parameter(config, name, shape, generator, options);
            }};
}

}  // namespace kd_lora
