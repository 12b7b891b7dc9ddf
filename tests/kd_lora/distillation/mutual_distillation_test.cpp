#include "kd_lora/distillation/mutual_distillation.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

const auto wide = torch::TensorOptions().dtype(torch::kFloat64);

double number(const torch::Tensor& scalar) {
    return scalar.item<double>();
}

/// sum p (log p - log q) for one row of two logits each, by hand.
double kl(double a, double b, double c, double d) {
    const double p = 1.0 / (1.0 + std::exp(b - a));
    const double q = 1.0 / (1.0 + std::exp(d - c));
    return p * std::log(p / q) + (1.0 - p) * std::log((1.0 - p) / (1.0 - q));
}

/// Answers of a small model with two layers and two heads, for rows of three tokens.
ClassifierOutput answers(std::size_t layers, bool tracked = false) {
    ClassifierOutput output;
    output.logits = torch::randn({2, 2}, wide.requires_grad(tracked));
    for (std::size_t i = 0; i < layers; ++i) {
        output.attention.push_back(
            torch::rand({2, 2, 3, 3}, wide).softmax(-1).set_requires_grad(tracked));
    }
    return output;
}

const torch::Tensor labels = torch::tensor({1, 0}, torch::kInt64);
const torch::Tensor mask = torch::tensor({{1, 1, 1}, {1, 1, 0}}, torch::kInt64);

}  // namespace

TEST_CASE("divergences are the sums of their names") {
    const torch::Tensor learner = torch::tensor({{0.5, -0.25}, {1.5, 0.75}}, wide);
    const torch::Tensor peer = torch::tensor({{-0.125, 0.5}, {2.0, -1.0}}, wide);
    const double reverse = (kl(0.5, -0.25, -0.125, 0.5) + kl(1.5, 0.75, 2.0, -1.0)) / 2.0;
    const double forward = (kl(-0.125, 0.5, 0.5, -0.25) + kl(2.0, -1.0, 1.5, 0.75)) / 2.0;
    const double raw = (std::exp(0.5) * 0.625 + std::exp(-0.25) * -0.75 + std::exp(1.5) * -0.5 +
                        std::exp(0.75) * 1.75) /
                       2.0;
    CHECK(number(divergence(learner, peer, KlKind::reverse)) == doctest::Approx(reverse));
    CHECK(number(divergence(learner, peer, KlKind::forward)) == doctest::Approx(forward));
    CHECK(number(divergence(learner, peer, KlKind::raw)) == doctest::Approx(raw));
    for (const KlKind kind : {KlKind::forward, KlKind::reverse}) {
        CHECK(std::abs(number(divergence(learner, learner + 3.0, kind))) < 1e-14);
    }
    // Not so on raw logits, which have their fixed point elsewhere.
    CHECK(number(divergence(learner, learner + 3.0, KlKind::raw)) < -1.0);
}

TEST_CASE("only the learner gets a divergence's gradient") {
    for (const KlKind kind : {KlKind::forward, KlKind::reverse, KlKind::raw}) {
        const torch::Tensor learner = torch::randn({2, 2}, wide.requires_grad(true));
        const torch::Tensor peer = torch::randn({2, 2}, wide.requires_grad(true));
        divergence(learner, peer, kind).backward();
        CHECK(number(learner.grad().norm()) > 0.0);
        CHECK_FALSE(peer.grad().defined());
    }
}

TEST_CASE("attention is compared layer by layer from the top") {
    torch::manual_seed(1);
    const ClassifierOutput student = answers(2);
    const ClassifierOutput teacher = answers(5);
    const auto squares = [&](std::size_t low, std::size_t high) {
        return (student.attention[low] - teacher.attention[high]).square();
    };
    const auto padded = [&](const std::vector<torch::Tensor>& maps) {
        return number(attention_difference(maps, teacher.attention, mask, AttentionLoss::padded));
    };
    // Five layers to two: every second one, 4 and 2.
    CHECK(padded(student.attention) ==
          doctest::Approx(number(squares(1, 4).mean() + squares(0, 2).mean())));
    CHECK(padded({student.attention[0]}) == doctest::Approx(number(squares(0, 4).mean())));
    // Real pairs: nine in the first row, four in the second, for each of two heads.
    const auto masked = [](const torch::Tensor& all) {
        return number(all[0].sum() + all[1].slice(1, 0, 2).slice(2, 0, 2).sum()) / (13.0 * 2.0);
    };
    const double expected = masked(squares(1, 4)) + masked(squares(0, 2));
    for (const torch::Tensor& given : {mask, mask.to(torch::kBool)}) {
        CHECK(number(attention_difference(student.attention, teacher.attention, given,
                                          AttentionLoss::masked)) == doctest::Approx(expected));
    }
}

TEST_CASE("the loss is the sum of its parts, divided by the tasks'") {
    torch::manual_seed(2);
    const ClassifierOutput student = answers(2);
    const ClassifierOutput teacher = answers(4);
    MutualDistillation settings;
    settings.attention_weight = 3.0;
    const MutualLoss loss = mutual_distillation_loss(student, teacher, mask, labels, settings);
    const torch::Tensor student_ce = torch::nn::functional::cross_entropy(student.logits, labels);
    const torch::Tensor teacher_ce = torch::nn::functional::cross_entropy(teacher.logits, labels);
    const torch::Tensor divisor = student_ce + teacher_ce + 1.0;
    CHECK(number(loss.student_cross_entropy) == number(student_ce));
    CHECK(number(loss.teacher_cross_entropy) == number(teacher_ce));
    CHECK(number(loss.student_kl) ==
          doctest::Approx(
              number(divergence(student.logits, teacher.logits, KlKind::reverse) / divisor)));
    CHECK(number(loss.teacher_kl) ==
          doctest::Approx(
              number(divergence(teacher.logits, student.logits, KlKind::reverse) / divisor)));
    CHECK(number(loss.attention) ==
          doctest::Approx(3.0 * number(attention_difference(student.attention, teacher.attention,
                                                            mask, AttentionLoss::masked) /
                                       divisor)));
    CHECK(number(loss.total) == doctest::Approx(number(student_ce + teacher_ce + loss.student_kl +
                                                       loss.teacher_kl + loss.attention)));
    settings.attention = AttentionLoss::none;
    const ClassifierOutput without_maps{student.logits, {}, {}, {}};
    const MutualLoss less = mutual_distillation_loss(without_maps, teacher, mask, labels, settings);
    CHECK_FALSE(less.attention.defined());
    CHECK(number(less.total) == doctest::Approx(number(loss.total - loss.attention)));
}

TEST_CASE("a divisor that is not detached weakens the tasks' gradients") {
    torch::manual_seed(3);
    const auto gradient = [](const ClassifierOutput& student, const ClassifierOutput& teacher,
                             bool detach, bool attention) {
        MutualDistillation settings;
        settings.detach_divisor = detach;
        if (!attention) settings.attention = AttentionLoss::none;
        const MutualLoss loss = mutual_distillation_loss(student, teacher, mask, labels, settings);
        const std::vector<torch::Tensor> by{student.logits};
        return torch::autograd::grad({loss.total}, by)[0];
    };
    const ClassifierOutput student = answers(1, true);
    const ClassifierOutput teacher = answers(1, true);
    const torch::Tensor ce = torch::nn::functional::cross_entropy(student.logits, labels);
    const torch::Tensor other = torch::nn::functional::cross_entropy(teacher.logits, labels);
    const double divisor = number(ce + other) + 1.0;
    const double attention = number(
        attention_difference(student.attention, teacher.attention, mask, AttentionLoss::masked));
    const std::vector<torch::Tensor> by{student.logits};
    const torch::Tensor task = torch::autograd::grad({ce}, by)[0];
    const torch::Tensor detached = gradient(student, teacher, true, true);
    CHECK(torch::allclose(detached, gradient(student, teacher, true, false)));
    CHECK(torch::allclose(gradient(student, teacher, false, true),
                          detached - task * attention / (divisor * divisor), 1e-12, 1e-15));
}

TEST_CASE("models that do not go together are refused") {
    torch::manual_seed(4);
    const auto refuses = [](const ClassifierOutput& student, const ClassifierOutput& teacher) {
        try {
            mutual_distillation_loss(student, teacher, mask, labels);
        } catch (const std::invalid_argument&) {
            return true;
        }
        return false;
    };
    const ClassifierOutput good = answers(2);
    CHECK_FALSE(refuses(good, good));
    CHECK(refuses(answers(3), good));
    CHECK(refuses(answers(0), good));
    ClassifierOutput heads = answers(2);
    heads.attention[0] = torch::rand({2, 4, 3, 3}, wide);
    CHECK(refuses(good, heads));
    ClassifierOutput more_labels = answers(2);
    more_labels.logits = torch::randn({2, 3}, wide);
    CHECK(refuses(more_labels, good));
}
