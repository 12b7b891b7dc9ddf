#include "federated/model/lora.hpp"

#include <cmath>
#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

/// The projections of three layers, q and o 24 x 24, k and v 12 x 24, and a norm beside them.
TrainableModel attention_model() {
    TrainableModel model;
    for (int layer = 0; layer < 3; ++layer) {
        const std::string start = "model.layers." + std::to_string(layer) + ".";
        for (const std::string name : {"q", "k", "v", "o"}) {
            const std::int64_t out = name == "k" || name == "v" ? 12 : 24;
            model.names.push_back(start + "self_attn." + name + "_proj.weight");
            model.parameters.push_back(torch::sin(torch::arange(out * 24)).view({out, 24}));
        }
        model.names.push_back(start + "input_layernorm.weight");
        model.parameters.push_back(torch::ones({24}));
    }
    return model;
}

const LoraSettings on_table{.rank = 3, .alpha = 6.0, .targets = {"table"}};

}  // namespace

TEST_CASE("adapters stand on the attention projections, and start the model as it was") {
    const TrainableModel model = attention_model();
    const Weights start = clone_weights(model.parameters);
    LoraAdapters adapters(model.names, model.parameters, {}, 1);
    // Three layers of four projections, with A and B each.
    REQUIRE(adapters.parameters().size() == 24);
    CHECK(adapters.names()[0] == "model.layers.0.self_attn.q_proj.weight.lora_A");
    CHECK(adapters.names()[3] == "model.layers.0.self_attn.k_proj.weight.lora_B");
    CHECK(adapters.parameters()[0].sizes() == torch::IntArrayRef({8, 24}));
    CHECK(adapters.parameters()[3].sizes() == torch::IntArrayRef({12, 8}));
    // Uniform within 1 / sqrt(in): the variance is a third of the square.
    const torch::Tensor down = adapters.parameters()[0].detach();
    CHECK(down.abs().max().item<double>() <= 1.0 / std::sqrt(24.0));
    // 192 squares: relative deviation of their mean is sqrt(4 / 5 / 192) = 0.065; five of them.
    CHECK(down.square().mean().item<double>() ==
          doctest::Approx(1.0 / 72.0).epsilon(0.33).scale(0.0));
    adapters.apply();
    CHECK(same_bits(model.parameters, start));
}

TEST_CASE("adapters are the product, and depend on seed and name") {
    TrainableModel model = bigram_model();
    const torch::Tensor base = model.parameters[0].detach().clone();
    LoraAdapters adapters(model.names, model.parameters, on_table, 1);
    LoraAdapters same(model.names, model.parameters, on_table, 1);
    LoraAdapters other(model.names, model.parameters, on_table, 2);
    CHECK(torch::equal(adapters.parameters()[0], same.parameters()[0]));
    CHECK_FALSE(torch::equal(adapters.parameters()[0], other.parameters()[0]));

    const torch::Tensor down = adapters.parameters()[0].detach();
    torch::Tensor up = adapters.parameters()[1].detach();
    up.copy_(torch::cos(torch::arange(48, torch::kFloat32)).view({16, 3}));
    adapters.apply();
    // Entries below 3, in sums of three products.
    CHECK(torch::allclose(model.parameters[0], base + 2.0 * up.matmul(down), 0.0, 1e-6));
    // Applied again they are not added again.
    adapters.apply();
    CHECK(torch::allclose(model.parameters[0], base + 2.0 * up.matmul(down), 0.0, 1e-6));
}

TEST_CASE("the adapters' gradient is the model's, through the product") {
    TrainableModel model = bigram_model();
    const torch::Tensor base = model.parameters[0].detach().clone();
    LoraAdapters adapters(model.names, model.parameters, on_table, 1);
    adapters.parameters()[1].detach().copy_(
        torch::cos(torch::arange(48, torch::kFloat32)).view({16, 3}));
    const torch::Tensor loss = adapters.loss([&] { return model.loss(all_of(0)); });
    loss.backward();

    // LibTorch's own way through W = W_0 + s B A, on a copy.
    torch::Tensor down = adapters.parameters()[0].detach().clone().set_requires_grad(true);
    torch::Tensor up = adapters.parameters()[1].detach().clone().set_requires_grad(true);
    const torch::Tensor weight = base + 2.0 * up.matmul(down);
    torch::Tensor expected = torch::zeros({});
    const Clients clients = random_clients(1);
    for (const Tokens& sequence : clients[0]) {
        const torch::Tensor tokens = torch::tensor(sequence, torch::kInt64);
        expected = expected +
                   torch::nn::functional::cross_entropy(
                       weight.index_select(0, tokens.slice(0, 0, 7)) + model.parameters[1].detach(),
                       tokens.slice(0, 1, 8));
    }
    expected = expected / 5.0;
    expected.backward();
    CHECK(loss.item<double>() == doctest::Approx(expected.item<double>()).epsilon(1e-6));
    // Sums of a few dozen products of entries below 1.
    CHECK(torch::allclose(adapters.parameters()[0].grad(), down.grad(), 0.0, 1e-6));
    CHECK(torch::allclose(adapters.parameters()[1].grad(), up.grad(), 0.0, 1e-6));
    CHECK_FALSE(model.parameters[1].grad().defined());
    CHECK(up.grad().abs().max().item<double>() > 1e-3);
}

TEST_CASE("LoRA refuses models without the matrices, and ranks below 1") {
    const TrainableModel model = bigram_model();
    CHECK_THROWS_AS(LoraAdapters(model.names, model.parameters, {}, 1), std::invalid_argument);
    CHECK_THROWS_AS(
        LoraAdapters(model.names, model.parameters, {.rank = 4, .targets = {"bias"}}, 1),
        std::invalid_argument);
    CHECK_THROWS_AS(
        LoraAdapters(model.names, model.parameters, {.rank = 0, .targets = {"table"}}, 1),
        std::invalid_argument);
}
