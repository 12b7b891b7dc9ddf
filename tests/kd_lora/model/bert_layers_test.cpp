#include "kd_lora/model/bert_layers.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

torch::Tensor draw(const std::string&, const std::vector<std::int64_t>& shape) {
    return torch::randn(shape, torch::kFloat64);
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

}  // namespace

TEST_CASE("a projection is W x + b, and its adapter's s B A x") {
    torch::manual_seed(1);
    Projection projection("p", 5, 3, draw);
    const torch::Tensor input = torch::randn({2, 4, 5}, torch::kFloat64);
    const torch::Tensor plain = input.matmul(projection.weight.t()) + projection.bias;
    CHECK(difference(projection.forward(input, nullptr), plain) < 1e-14);

    const torch::Tensor a = torch::randn({2, 5}, torch::kFloat64);
    const torch::Tensor b = torch::randn({3, 2}, torch::kFloat64);
    projection.adapter = LoraAdapter{a, b, 1.5, 0.5};
    const auto adapted = [&](const torch::Tensor& seen) {
        return plain + 1.5 * seen.matmul(a.t()).matmul(b.t());
    };
    CHECK(difference(projection.forward(input, nullptr), adapted(input)) < 1e-13);
    Dropout dropout(7);
    Dropout same(7);
    CHECK(difference(projection.forward(input, &dropout), adapted(same(input, 0.5))) < 1e-13);

    std::vector<NamedParameter> parameters;
    projection.append_parameters(parameters);
    REQUIRE(parameters.size() == 4);
    CHECK(parameters[0].name == "p.weight");
    CHECK(parameters[1].name == "p.bias");
    CHECK(parameters[2].name == "p.lora_A.weight");
    CHECK(parameters[3].name == "p.lora_B.weight");
    CHECK(parameters[3].tensor.is_same(b));
}

TEST_CASE("a norm has mean and variance of its weight and bias") {
    BertConfig config = tiny_config(BertFamily::bert);
    config.layer_norm_eps = 0.5;
    torch::manual_seed(1);
    const LayerNorm norm("n", config, draw);
    const torch::Tensor input = torch::randn({3, config.hidden_size}, torch::kFloat64);
    const torch::Tensor mean = input.mean(1, true);
    const torch::Tensor variance = (input - mean).square().mean(1, true);
    const torch::Tensor expected =
        (input - mean) / (variance + 0.5).sqrt() * norm.weight + norm.bias;
    CHECK(difference(norm.forward(input), expected) < 1e-13);
}

TEST_CASE("embeddings are sums of rows, and the padding token's gets no gradient") {
    for (const BertFamily family : {BertFamily::bert, BertFamily::distilbert}) {
        BertConfig config = tiny_config(family);
        config.pad_token_id = 3;
        torch::manual_seed(1);
        Embeddings embeddings("", config, draw);
        CHECK(embeddings.token_type.defined() == (family == BertFamily::bert));
        embeddings.word.set_requires_grad(true);
        const torch::Tensor tokens = torch::tensor({{9, 3, 9}}, torch::kInt64);
        const torch::Tensor output = embeddings.forward(tokens, nullptr);
        torch::Tensor sum = embeddings.word.index({tokens}) + embeddings.position.slice(0, 0, 3);
        if (family == BertFamily::bert) sum = sum + embeddings.token_type[0];
        CHECK(difference(output, embeddings.norm.forward(sum)) < 1e-13);
        output.square().mul(torch::arange(36).view({1, 3, 12})).sum().backward();
        const torch::Tensor norms = embeddings.word.grad().norm(2, 1);
        CHECK(norms[9].item<double>() > 0.0);
        CHECK(norms.ne(0).sum().item<int>() == 1);
    }
}

TEST_CASE("a layer drops out where its family does") {
    for (const BertFamily family : {BertFamily::bert, BertFamily::distilbert}) {
        BertConfig config = tiny_config(family);
        config.hidden_dropout = 0.4;
        config.attention_dropout = 0.0;
        torch::manual_seed(1);
        const EncoderLayer layer("", config, draw);
        const torch::Tensor input = torch::randn({2, 4, config.hidden_size}, torch::kFloat64);
        const auto run = [&](Dropout* dropout) {
            std::vector<torch::Tensor> maps;
            LayerInput settings;
            settings.dropout = dropout;
            return layer.forward(input, settings, maps);
        };
        const torch::Tensor plain = run(nullptr);
        CHECK(plain.sizes() == input.sizes());
        Dropout dropout(1);
        CHECK(difference(run(&dropout), plain) > 0.01);
        // One draw behind the feed-forward part, and in BERT one behind the attention.
        Dropout counted(1);
        counted(input, 0.4);
        if (family == BertFamily::bert) counted(input, 0.4);
        CHECK(torch::equal(counted(input, 0.4), dropout(input, 0.4)));
    }
}
