#include "kd_lora/training/hugging_face_adamw.hpp"

#include <cmath>
#include <vector>

#include "support/doctest.hpp"

using namespace kd_lora;
using torch::optim::OptimizerParamGroup;

namespace {

torch::Tensor weights(std::int64_t count, double start) {
    return torch::full({count}, start, torch::kFloat64).set_requires_grad(true);
}

torch::Tensor gradient(std::int64_t count, int step) {
    // Small ones, so that epsilon counts.
    return torch::sin(torch::arange(count).to(torch::kFloat64) + step) *
           std::pow(10.0, -4.0 - step);
}

/// The rule, number by number.
std::vector<double> by_hand(std::int64_t count, double start, int steps, double rate) {
    std::vector<double> result;
    for (std::int64_t i = 0; i < count; ++i) {
        double w = start;
        double m = 0.0;
        double v = 0.0;
        for (int t = 1; t <= steps; ++t) {
            const double g = gradient(count, t)[i].item<double>();
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            const double corrected =
                rate * std::sqrt(1.0 - std::pow(0.999, t)) / (1.0 - std::pow(0.9, t));
            w -= corrected * m / (std::sqrt(v) + 1e-6);
        }
        result.push_back(w);
    }
    return result;
}

}  // namespace

TEST_CASE("steps follow the rule, each group at its rate") {
    torch::Tensor first = weights(7, 1.0);
    torch::Tensor second = weights(5, -2.0);
    torch::Tensor untouched = weights(3, 4.0);
    std::vector<OptimizerParamGroup> groups{OptimizerParamGroup({first, untouched})};
    groups.emplace_back(
        std::vector<torch::Tensor>{second},
        std::make_unique<torch::optim::AdamWOptions>(HuggingFaceAdamW::rate_options(0.5)));
    HuggingFaceAdamW optimizer(groups, 0.25);
    for (int step = 1; step <= 3; ++step) {
        first.mutable_grad() = gradient(7, step);
        second.mutable_grad() = gradient(5, step);
        optimizer.step();
    }
    CHECK(torch::allclose(first, torch::tensor(by_hand(7, 1.0, 3, 0.25), torch::kFloat64), 1e-13));
    CHECK(torch::allclose(second, torch::tensor(by_hand(5, -2.0, 3, 0.5), torch::kFloat64), 1e-13));
    CHECK(torch::all(untouched == 4.0).item<bool>());
}

TEST_CASE("with epsilon after the correction it is LibTorch's AdamW") {
    torch::Tensor ours = weights(9, 1.0);
    torch::Tensor theirs = weights(9, 1.0);
    torch::Tensor before = weights(9, 1.0);
    HuggingFaceAdamW optimizer({OptimizerParamGroup({ours})}, 0.25, EpsilonPlace::after_correction);
    HuggingFaceAdamW other({OptimizerParamGroup({before})}, 0.25);
    torch::optim::AdamW reference({theirs}, HuggingFaceAdamW::rate_options(0.25));
    for (int step = 1; step <= 3; ++step) {
        for (torch::Tensor* tensor : {&ours, &theirs, &before}) {
            tensor->mutable_grad() = gradient(9, step);
        }
        optimizer.step();
        other.step();
        reference.step();
    }
    CHECK(torch::allclose(ours, theirs, 1e-13));
    CHECK_FALSE(torch::allclose(before, theirs, 1e-3));
}

TEST_CASE("tensors of many pieces are one tensor") {
    const std::int64_t count = 70'001;
    torch::Tensor long_one = weights(count, 1.0);
    torch::Tensor end = weights(1, 1.0);
    HuggingFaceAdamW optimizer({OptimizerParamGroup({long_one, end})}, 0.25);
    for (int step = 1; step <= 2; ++step) {
        long_one.mutable_grad() = gradient(count, step);
        end.mutable_grad() = gradient(count, step).slice(0, count - 1);
        optimizer.step();
    }
    CHECK(std::abs(long_one[-1].item<double>() - end.item<double>()) < 1e-15);
    CHECK(std::abs(long_one[40'000].item<double>() - 1.0) > 1e-3);
}

TEST_CASE("the rate may change between steps, and a matrix keeps its shape") {
    torch::Tensor matrix = torch::ones({2, 3}).set_requires_grad(true);
    HuggingFaceAdamW optimizer({OptimizerParamGroup({matrix})}, 0.25);
    auto& options = static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options());
    // A step of constant gradients moves by the rate.
    const auto step = [&](double rate) {
        options.lr(rate);
        const torch::Tensor before = matrix.detach().clone();
        matrix.mutable_grad() = torch::ones({3, 2}).t();
        optimizer.step();
        return (before - matrix.detach()).abs();
    };
    CHECK(torch::allclose(step(0.25), torch::full({2, 3}, 0.25), 1e-3));
    CHECK(torch::allclose(step(0.125), torch::full({2, 3}, 0.125), 1e-3));
}
