#include "fed_llm/model/attention.hpp"

#include <cmath>

#include "support/doctest.hpp"

using fed_llm::causal_attention;

TEST_CASE("equal scores average the values seen so far") {
    const torch::Tensor queries = torch::zeros({1, 2, 3, 4});
    const torch::Tensor keys = torch::rand({1, 1, 3, 4});
    const torch::Tensor values = torch::arange(12, torch::kFloat32).view({1, 1, 3, 4});
    const torch::Tensor mixed = fed_llm::causal_attention(queries, keys, values);
    const torch::Tensor first = values[0][0];
    for (std::int64_t head = 0; head < 2; ++head) {
        CHECK(torch::allclose(mixed[0][head][0], first[0]));
        CHECK(torch::allclose(mixed[0][head][1], first.narrow(0, 0, 2).mean(0)));
        CHECK(torch::allclose(mixed[0][head][2], first.mean(0)));
    }
}

TEST_CASE("query heads in a row share a key/value head") {
    const torch::Tensor queries = torch::zeros({1, 4, 1, 2});
    const torch::Tensor keys = torch::zeros({1, 2, 1, 2});
    const torch::Tensor values = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F}).view({1, 2, 1, 2});
    const torch::Tensor expected =
        torch::tensor({1.0F, 2.0F, 1.0F, 2.0F, 3.0F, 4.0F, 3.0F, 4.0F}).view({1, 4, 1, 2});
    CHECK(torch::allclose(fed_llm::causal_attention(queries, keys, values), expected));
}

TEST_CASE("scores are scaled by the root of the head width") {
    const torch::Tensor queries = torch::full({1, 1, 1, 4}, 1.0F);
    torch::Tensor keys = torch::zeros({1, 1, 2, 4});
    keys[0][0][1].fill_(1.0);  // scores 0 and 4 / sqrt(4)
    torch::Tensor values = torch::zeros({1, 1, 2, 4});
    values[0][0][1].fill_(1.0);
    const double expected = 1.0 / (1.0 + std::exp(-2.0));
    const double got = fed_llm::causal_attention(queries, keys, values)[0][0][0][0].item<double>();
    CHECK(std::abs(got - expected) < 1e-6);  // a few float32 roundings
}
