#include "kd_lora/model/dropout.hpp"

#include <cmath>
#include <random>

#include "support/doctest.hpp"

using namespace kd_lora;

TEST_CASE("dropout keeps the mean, and gradients go where numbers went") {
    Dropout dropout(3);
    const torch::Tensor input = torch::ones({200, 500}).set_requires_grad(true);
    const torch::Tensor output = dropout(input, 0.2);
    const double kept = output.ne(0).to(torch::kFloat64).mean().item<double>();
    // A share of 100,000 draws has the deviation sqrt(0.16 / 1e5) = 0.0013; five of them.
    CHECK(std::abs(kept - 0.8) < 0.0064);
    // 52429 / 65536 is the nearest share.
    CHECK(torch::allclose(output, output.ne(0).to(torch::kFloat32) * (65536.0 / 52429.0), 1e-6));
    output.sum().backward();
    CHECK(torch::equal(input.grad(), output.detach()));
}

TEST_CASE("masks are a function of the seed and the order of the calls") {
    const torch::Tensor input = torch::ones({64});
    Dropout first(3);
    Dropout same(3);
    Dropout other(4);
    torch::manual_seed(1);
    const torch::Tensor once = first(input, 0.5);
    torch::manual_seed(2);
    CHECK(torch::equal(once, same(input, 0.5)));
    CHECK_FALSE(torch::equal(once, other(input, 0.5)));
    CHECK_FALSE(torch::equal(once, first(input, 0.5)));
    same(input, 0.0);  // draws nothing
    same(input, 0.5);
    CHECK(torch::equal(first(input, 0.5), same(input, 0.5)));
}

TEST_CASE("masks are the generator's bits, sixteen by sixteen") {
    std::mt19937_64 generator(11);
    const torch::Tensor output = Dropout(generator)(torch::ones({9}, torch::kFloat64), 0.5);
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < 9; ++i, word >>= 16) {
        if (i % 4 == 0) word = generator();
        CHECK(output[i].item<double>() == ((word & 0xffff) < 0x8000 ? 2.0 : 0.0));
    }
    CHECK(torch::equal(Dropout(11)(torch::ones({9}, torch::kFloat64), 0.5), output));
}

TEST_CASE("rates at the edge give finite numbers") {
    Dropout dropout(3);
    const torch::Tensor most = dropout(torch::ones({1000}), 1.0 - 1e-9);
    CHECK(torch::isfinite(most).all().item<bool>());
    CHECK(most.ne(0).sum().item<int>() < 5);
    CHECK(torch::equal(dropout(torch::ones({1000}), 1e-9), torch::ones({1000})));
}

TEST_CASE("no dropout is the input itself") {
    const torch::Tensor input = torch::ones({4});
    Dropout dropout(3);
    CHECK(dropout(input, 0.0).is_same(input));
    CHECK(drop(nullptr, input, 0.5).is_same(input));
    CHECK(torch::equal(drop(&dropout, input, 0.5), Dropout(3)(input, 0.5)));
}
