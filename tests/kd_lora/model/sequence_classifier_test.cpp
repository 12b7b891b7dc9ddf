#include "kd_lora/model/sequence_classifier.hpp"

#include <set>
#include <stdexcept>
#include <string>

#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

constexpr BertFamily families[] = {BertFamily::bert, BertFamily::distilbert};

double difference(const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

/// Whether forward() names `what`, and throws.
bool refuses(const SequenceClassifier& model, const torch::Tensor& tokens,
             const torch::Tensor& mask, const std::string& what) {
    try {
        model.forward(tokens, mask);
    } catch (const std::invalid_argument& error) {
        return std::string(error.what()).find(what + ": expected") != std::string::npos;
    }
    return false;
}

}  // namespace

TEST_CASE("the output has its shapes, and padding does not show in it") {
    for (const BertFamily family : families) {
        const SequenceClassifier model = tiny_classifier(family, torch::kFloat64);
        const TinyBatch batch;
        const ClassifierOutput both =
            model.forward(batch.tokens, batch.mask, {nullptr, AttentionMaps::before_dropout});
        CHECK(both.logits.sizes() == torch::IntArrayRef({2, 2}));
        CHECK(both.hidden.sizes() == torch::IntArrayRef({2, 6, 12}));
        CHECK(both.pooled.sizes() == torch::IntArrayRef({2, 12}));
        REQUIRE(both.attention.size() == 3);
        for (const torch::Tensor& map : both.attention) {
            CHECK(map.sizes() == torch::IntArrayRef({2, 3, 6, 6}));
            CHECK(difference(map.sum(-1), torch::ones({2, 3, 6})) < 1e-12);
            CHECK(map[1].slice(-1, 4).abs().max().item<double>() == 0.0);
        }
        const torch::Tensor alone = batch.tokens.slice(0, 1, 2).slice(1, 0, 4);
        const ClassifierOutput short_row = model.forward(alone, torch::ones_like(alone));
        CHECK(difference(short_row.logits[0], both.logits[1]) < 1e-13);
        CHECK(short_row.attention.empty());
        // Whatever stands under the mask.
        const torch::Tensor others = batch.tokens.masked_fill(batch.mask.logical_not(), 17);
        CHECK(difference(model.forward(others, batch.mask).logits, both.logits) < 1e-13);
        CHECK(difference(model.forward(others, torch::ones_like(others)).logits, both.logits) >
              1e-3);
    }
}

TEST_CASE("dropout is in the maps where asked for, and a function of the seed") {
    for (const BertFamily family : families) {
        const SequenceClassifier model = tiny_classifier(family, torch::kFloat64);
        const TinyBatch batch;
        const auto run = [&](std::uint64_t seed, AttentionMaps maps) {
            Dropout dropout(seed);
            return model.forward(batch.tokens, batch.mask, {&dropout, maps});
        };
        const ClassifierOutput before = run(1, AttentionMaps::before_dropout);
        const ClassifierOutput after = run(1, AttentionMaps::after_dropout);
        CHECK(torch::equal(before.logits, after.logits));
        CHECK_FALSE(torch::equal(before.logits, run(2, AttentionMaps::none).logits));
        const torch::Tensor kept = after.attention[0].ne(0);
        CHECK(kept.sum().item<int>() < before.attention[0].ne(0).sum().item<int>());
        CHECK(difference(after.attention[0], before.attention[0] * kept / 0.9) < 1e-5);
    }
}

TEST_CASE("the head has a dropout rate of its own") {
    for (const BertFamily family : families) {
        BertConfig config = tiny_config(family);
        config.hidden_dropout = 0.0;
        config.attention_dropout = 0.0;
        config.classifier_dropout = 0.5;
        const SequenceClassifier model = tiny_classifier(config, torch::kFloat64);
        const TinyBatch batch;
        Dropout dropout(5);
        const ClassifierOutput output = model.forward(batch.tokens, batch.mask, {&dropout});
        const auto parameters = model.parameters();
        Dropout same(5);
        const torch::Tensor expected =
            torch::linear(same(output.pooled, 0.5), parameters[parameters.size() - 2].tensor,
                          parameters.back().tensor);
        CHECK(torch::equal(output.logits, expected));
        CHECK(torch::equal(output.pooled, model.forward(batch.tokens, batch.mask).pooled));
    }
}

TEST_CASE("parameters have their Hugging Face names, and all are trained at first") {
    const SequenceClassifier bert = tiny_classifier(BertFamily::bert);
    const auto names = [](const std::vector<NamedParameter>& parameters) {
        std::vector<std::string> all;
        for (const NamedParameter& parameter : parameters) all.push_back(parameter.name);
        return all;
    };
    const auto in_bert = names(bert.parameters());
    REQUIRE(in_bert.size() == 5 + 3 * 16 + 4);
    CHECK(in_bert[0] == "bert.embeddings.word_embeddings.weight");
    CHECK(in_bert[2] == "bert.embeddings.token_type_embeddings.weight");
    CHECK(in_bert[5] == "bert.encoder.layer.0.attention.self.query.weight");
    CHECK(in_bert.back() == "classifier.bias");
    CHECK(names(bert.trained_parameters()) == in_bert);

    SequenceClassifier distilbert = tiny_classifier(BertFamily::distilbert);
    const auto in_distilbert = names(distilbert.parameters());
    REQUIRE(in_distilbert.size() == 4 + 3 * 16 + 4);
    CHECK(in_distilbert[4] == "distilbert.transformer.layer.0.attention.q_lin.weight");
    CHECK(in_distilbert[52] == "pre_classifier.weight");
    CHECK(std::set<std::string>(in_distilbert.begin(), in_distilbert.end()).size() ==
          in_distilbert.size());

    distilbert.parameters()[0].tensor.set_requires_grad(false);
    CHECK(distilbert.trained_parameters().size() == in_distilbert.size() - 1);
    const auto projections = distilbert.projections();
    REQUIRE(projections.size() == 3 * 6 + 2);
    CHECK(projections[18]->name == "pre_classifier");
    CHECK(projections.back()->name == "classifier");
}

TEST_CASE("input that no model can read is refused") {
    const SequenceClassifier model = tiny_classifier(BertFamily::bert);
    const TinyBatch batch;
    const torch::Tensor one = torch::ones({1, 1}, torch::kInt64);
    CHECK_NOTHROW(model.forward(one, one));
    CHECK(refuses(model, batch.tokens[0], batch.mask[0], "tokens"));
    CHECK(refuses(model, batch.tokens.to(torch::kInt32), batch.mask, "tokens"));
    CHECK(refuses(model, one.slice(1, 0, 0), one.slice(1, 0, 0), "tokens"));
    CHECK(refuses(model, one.expand({1, 17}), one.expand({1, 17}), "tokens"));
    CHECK(refuses(model, one * 41, one, "tokens"));
    CHECK(refuses(model, one * -1, one, "tokens"));
    CHECK(refuses(model, batch.tokens, batch.mask.slice(1, 0, 5), "mask"));
    CHECK(refuses(model, batch.tokens, batch.mask.to(torch::kFloat32), "mask"));
    torch::Tensor nothing = batch.mask.clone();
    nothing[1].fill_(false);
    CHECK(refuses(model, batch.tokens, nothing, "mask"));
    BertConfig wrong = tiny_config(BertFamily::bert);
    wrong.num_attention_heads = 5;
    CHECK_THROWS_AS(new_classifier(wrong, 1), std::invalid_argument);
}

TEST_CASE("a new model has the law of its configuration, and follows the seed") {
    BertConfig config = tiny_config(BertFamily::bert);
    config.initializer_range = 0.05;
    const auto model = new_classifier(config, 3).parameters();
    const auto same = new_classifier(config, 3, torch::kFloat64).parameters();
    const auto other = new_classifier(config, 4).parameters();
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < model.size(); ++i) {
        CHECK(torch::equal(model[i].tensor.to(torch::kFloat64), same[i].tensor));
        if (model[i].tensor.dim() == 1) {
            const double expected = model[i].name.ends_with(".bias") ? 0.0 : 1.0;
            CHECK(torch::all(model[i].tensor == expected).item<bool>());
            continue;
        }
        CHECK_FALSE(torch::equal(model[i].tensor, other[i].tensor));
        sum += model[i].tensor.square().sum().item<double>();
        count += static_cast<double>(model[i].tensor.numel());
    }
    CHECK(model[0].tensor[0].abs().max().item<double>() == 0.0);  // the padding token
    count -= 12.0;
    // The mean of n squares has the relative deviation sqrt(2 / n); five of them.
    CHECK(std::abs(sum / count / (0.05 * 0.05) - 1.0) < 5.0 * std::sqrt(2.0 / count));
}
