#include "kd_lora/distillation/mutual_distillation.hpp"

#include <cstddef>
#include <sstream>
#include <stdexcept>

namespace kd_lora {
namespace {

void expect_same_shape(const char* what, const torch::Tensor& student,
                       const torch::Tensor& teacher) {
    if (student.sizes() == teacher.sizes()) return;
    std::ostringstream message;
    message << "mutual distillation: " << what << ": expected the same shape for both, got "
            << student.sizes() << " and " << teacher.sizes();
    throw std::invalid_argument(message.str());
}

/// How many of the teacher's layers go to one of the student's.
std::size_t layer_ratio(std::size_t student, std::size_t teacher) {
    if (student == 0 || student > teacher) {
        throw std::invalid_argument("mutual distillation: attention maps: expected 1.." +
                                    std::to_string(teacher) + " of the student's layers, got " +
                                    std::to_string(student));
    }
    return teacher / student;
}

}  // namespace

torch::Tensor divergence(const torch::Tensor& learner, const torch::Tensor& peer, KlKind kind) {
    expect_same_shape("logits", learner, peer);
    const torch::Tensor constant = peer.detach();
    const auto batch = static_cast<double>(learner.size(0));
    if (kind == KlKind::raw) return (learner.exp() * (learner - constant)).sum() / batch;
    const torch::Tensor log_p = learner.log_softmax(-1);
    const torch::Tensor log_q = constant.log_softmax(-1);
    if (kind == KlKind::reverse) return (log_p.exp() * (log_p - log_q)).sum() / batch;
    return (log_q.exp() * (log_q - log_p)).sum() / batch;
}

torch::Tensor attention_difference(const std::vector<torch::Tensor>& student,
                                   const std::vector<torch::Tensor>& teacher,
                                   const torch::Tensor& mask, AttentionLoss kind) {
    const std::size_t ratio = layer_ratio(student.size(), teacher.size());
    torch::Tensor pairs;   // 1 where both tokens are real
    torch::Tensor number;  // of such pairs, a head counting for itself
    if (kind == AttentionLoss::masked) {
        const torch::Tensor real = mask.to(student.back().scalar_type());
        pairs = real.unsqueeze(1).unsqueeze(3) * real.unsqueeze(1).unsqueeze(2);
        number = pairs.sum() * student.back().size(1);
    }
    torch::Tensor sum;
    for (std::size_t j = 0; j < student.size(); ++j) {
        const torch::Tensor& low = student[student.size() - 1 - j];
        const torch::Tensor& high = teacher[teacher.size() - 1 - j * ratio];
        expect_same_shape("attention maps", low, high);
        const torch::Tensor squares = (low - high).square();
        const torch::Tensor mean =
            kind == AttentionLoss::masked ? (squares * pairs).sum() / number : squares.mean();
        sum = sum.defined() ? sum + mean : mean;
    }
    return sum;
}

MutualLoss mutual_distillation_loss(const ClassifierOutput& student,
                                    const ClassifierOutput& teacher, const torch::Tensor& mask,
                                    const torch::Tensor& labels,
                                    const MutualDistillation& settings) {
    expect_same_shape("logits", student.logits, teacher.logits);
    MutualLoss loss;
    loss.student_cross_entropy = torch::nn::functional::cross_entropy(student.logits, labels);
    loss.teacher_cross_entropy = torch::nn::functional::cross_entropy(teacher.logits, labels);
    const torch::Tensor tasks = loss.student_cross_entropy + loss.teacher_cross_entropy;
    const torch::Tensor divisor = tasks + 1.0;
    const torch::Tensor constant = divisor.detach();
    loss.student_kl = divergence(student.logits, teacher.logits, settings.kl) / constant;
    loss.teacher_kl = divergence(teacher.logits, student.logits, settings.kl) / constant;
    loss.total = tasks + loss.student_kl + loss.teacher_kl;
    if (settings.attention == AttentionLoss::none) return loss;
    loss.attention =
        settings.attention_weight *
        attention_difference(student.attention, teacher.attention, mask, settings.attention) /
        (settings.detach_divisor ? constant : divisor);
    loss.total = loss.total + loss.attention;
    return loss;
}

}  // namespace kd_lora
