#include "kd_lora/model/lora.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

const LoraSettings on_distilbert{.rank = 4, .alpha = 6.0};
const LoraSettings on_bert{.rank = 4, .alpha = 6.0, .targets = {"query", "attention.output.dense"}};

std::vector<std::string> names_of(const std::vector<NamedParameter>& parameters) {
    std::vector<std::string> names;
    for (const NamedParameter& parameter : parameters) names.push_back(parameter.name);
    return names;
}

torch::Tensor logits(const SequenceClassifier& model, Dropout* dropout = nullptr) {
    const TinyBatch batch;
    return model.forward(batch.tokens, batch.mask, {dropout}).logits;
}

/// B that is not zero.
void fill_adapters(SequenceClassifier& model) {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(5);
    for (NamedParameter& parameter : model.trained_parameters()) {
        if (parameter.name.ends_with("lora_B.weight")) parameter.tensor.normal_(0.0, 0.3);
    }
}

/// Whether add_lora refuses the settings and leaves the model as it was.
bool refuses(const LoraSettings& settings) {
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    const std::vector<std::string> before = names_of(model.trained_parameters());
    try {
        add_lora(model, settings, 1);
    } catch (const std::invalid_argument&) {
        return names_of(model.trained_parameters()) == before;
    }
    return false;
}

}  // namespace

TEST_CASE("adapters and the whole head are trained, and start the model as it was") {
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    const torch::Tensor before = logits(model);
    add_lora(model, on_distilbert, 1);
    CHECK(torch::equal(logits(model), before));
    const std::vector<std::string> expected{
        "distilbert.transformer.layer.0.attention.q_lin.lora_A.weight",
        "distilbert.transformer.layer.0.attention.q_lin.lora_B.weight",
        "distilbert.transformer.layer.0.attention.v_lin.lora_A.weight",
        "distilbert.transformer.layer.0.attention.v_lin.lora_B.weight"};
    const auto trained = model.trained_parameters();
    const auto names = names_of(trained);
    REQUIRE(names.size() == 3 * 4 + 4);
    CHECK(std::vector(names.begin(), names.begin() + 4) == expected);
    CHECK(std::vector(names.end() - 4, names.end()) ==
          std::vector<std::string>{"pre_classifier.weight", "pre_classifier.bias",
                                   "classifier.weight", "classifier.bias"});
    CHECK(trained[0].tensor.sizes() == torch::IntArrayRef({4, 12}));
    CHECK(trained[1].tensor.sizes() == torch::IntArrayRef({12, 4}));
    // The paper's counts: 2 rank (in + out) a layer, and the head.
    std::int64_t count = 0;
    for (const NamedParameter& parameter : trained) count += parameter.tensor.numel();
    CHECK(count == 3 * 2 * 4 * 24 + 12 * 12 + 12 + 12 * 2 + 2);
    for (const NamedParameter& parameter : model.parameters()) {
        INFO(parameter.name);
        const bool adapter = parameter.name.find(".lora_") != std::string::npos;
        const bool head = parameter.name.find("classifier") != std::string::npos;
        CHECK(parameter.tensor.requires_grad() == (adapter || head));
    }
}

TEST_CASE("in BERT the classifier alone is trained whole, and targets may be several components") {
    SequenceClassifier model = tiny_classifier(BertFamily::bert, torch::kFloat64);
    add_lora(model, on_bert, 1);
    const auto names = names_of(model.trained_parameters());
    REQUIRE(names.size() == 3 * 4 + 2);
    CHECK(names[0] == "bert.encoder.layer.0.attention.self.query.lora_A.weight");
    CHECK(names[2] == "bert.encoder.layer.0.attention.output.dense.lora_A.weight");
    CHECK(names.back() == "classifier.bias");
}

TEST_CASE("A has its law, and follows the seed") {
    const auto first = [](std::uint64_t seed, torch::Dtype dtype) {
        SequenceClassifier model = tiny_classifier(BertFamily::distilbert, dtype);
        add_lora(model, {.rank = 64}, seed);
        return model.trained_parameters()[0].tensor.detach();
    };
    const torch::Tensor a = first(1, torch::kFloat32);
    const double bound = 1.0 / std::sqrt(12.0);
    CHECK(a.abs().max().item<double>() <= bound);
    // 768 squares of a uniform law: relative deviation of their mean sqrt(0.8 / 768); five of them.
    CHECK(std::abs(a.square().mean().item<double>() * 36.0 - 1.0) < 5.0 * std::sqrt(0.8 / 768.0));
    CHECK(torch::equal(first(1, torch::kFloat64), a.to(torch::kFloat64)));
    CHECK_FALSE(torch::equal(first(2, torch::kFloat32), a));
}

TEST_CASE("merged adapters give the same answers") {
    for (const BertFamily family : {BertFamily::bert, BertFamily::distilbert}) {
        SequenceClassifier model = tiny_classifier(family, torch::kFloat64);
        const auto before = names_of(model.parameters());
        const torch::Tensor plain = logits(model);
        add_lora(model, family == BertFamily::bert ? on_bert : on_distilbert, 1);
        fill_adapters(model);
        const torch::Tensor adapted = logits(model);
        CHECK((adapted - plain).abs().max().item<double>() > 1e-3);
        merge_lora(model);
        CHECK((logits(model) - adapted).abs().max().item<double>() < 1e-12);
        CHECK(names_of(model.parameters()) == before);
        CHECK(names_of(model.trained_parameters()) == before);
    }
}

TEST_CASE("an adapter has dropout of its own") {
    BertConfig config = tiny_config(BertFamily::distilbert);
    config.hidden_dropout = 0.0;
    config.attention_dropout = 0.0;
    config.classifier_dropout = 0.0;
    const auto drops = [&](double rate) {
        SequenceClassifier model = tiny_classifier(config);
        add_lora(model, {.dropout = rate}, 1);
        fill_adapters(model);
        Dropout dropout(1);
        return !torch::equal(logits(model), logits(model, &dropout));
    };
    CHECK(drops(0.5));
    CHECK_FALSE(drops(0.0));
}

TEST_CASE("settings that no model can have are refused") {
    CHECK_FALSE(refuses({}));
    CHECK(refuses({.rank = 0}));
    CHECK(refuses({.alpha = 0.0}));
    CHECK(refuses({.alpha = std::numeric_limits<double>::infinity()}));
    CHECK(refuses({.dropout = 1.0}));
    CHECK(refuses({.dropout = -0.1}));
    CHECK(refuses({.targets = {}}));
    CHECK(refuses({.targets = {"q_lin", "q_proj"}}));
    CHECK(refuses({.targets = {"lin"}}));  // the end of a name, but no component
    CHECK(refuses({.targets = {""}}));
    CHECK(refuses({.whole = {"score"}}));
    CHECK(refuses({.targets = {"q_lin", "pre_classifier"}}));  // trained whole as well
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    add_lora(model, {}, 1);
    CHECK_THROWS_AS(add_lora(model, {}, 1), std::invalid_argument);
    CHECK(model.trained_parameters().size() == 16);
}
