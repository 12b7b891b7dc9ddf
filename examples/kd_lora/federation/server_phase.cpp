#include "kd_lora/federation/server_phase.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "kd_lora/federation/client_training.hpp"
#include "kd_lora/model/trainable_classifier.hpp"

namespace kd_lora {
namespace {

/// The mean loss. Throws: std::runtime_error where it, or a weight, is not finite
double finite_loss(const federated::LocalResult& result, const char* who) {
    if (!result.finite) {
        throw std::runtime_error(std::string(who) +
                                 " on the server became infinite or not a number; a smaller "
                                 "distill-lr or student-distill-lr may help");
    }
    return result.mean_loss;
}

}  // namespace

PhaseBatches batches_of_phase(const ServerPhase& phase, const federated::Round& round) {
    const std::size_t count = phase.examples_per_pass == 0
                                  ? phase.share.size()
                                  : std::min(phase.share.size(), phase.examples_per_pass);
    BatchRows all = batches_of_round(
        phase.source, phase.share, count, phase.teacher_epochs + phase.distillation_epochs,
        phase.batch_size, phase.batching, phase.seed, "the server", round);
    const std::size_t per_pass = (count + phase.batch_size - 1) / phase.batch_size;
    const auto alone =
        static_cast<std::ptrdiff_t>(per_pass * static_cast<std::size_t>(phase.teacher_epochs));
    return {BatchRows(all.begin(), all.begin() + alone), BatchRows(all.begin() + alone, all.end())};
}

PhaseLosses run_server_phase(const SequenceClassifier& teacher, const SequenceClassifier& student,
                             const ServerPhase& phase, const PhaseBatches& batches,
                             Dropout* dropout, const federated::StepObserver& observe) {
    const auto alone = static_cast<std::int64_t>(batches.of_teacher.size());
    const auto total = alone + static_cast<std::int64_t>(batches.of_both.size());
    const auto observe_from = [&](std::int64_t first) {
        return [&observe, first, total](std::int64_t step, std::int64_t, double loss) {
            observe(first + step, total, loss);
        };
    };
    Steps steps{.groups = {{trained_tensors(teacher), phase.teacher_rate}},
                .optimizer = phase.optimizer,
                .decays = true};
    PhaseLosses losses;
    losses.of_teacher = finite_loss(
        take_steps(
            steps, phase.source, batches.of_teacher,
            [&](const BatchTensors& batch) { return cross_entropy(teacher, batch, dropout); },
            observe_from(0)),
        "the teacher");

    const bool with_maps = phase.loss.attention != AttentionLoss::none;
    const ForwardSettings settings{dropout, with_maps ? phase.maps : AttentionMaps::none};
    steps.groups.push_back({trained_tensors(student), phase.student_rate});
    losses.of_both = finite_loss(
        take_steps(
            steps, phase.source, batches.of_both,
            [&](const BatchTensors& batch) {
                return mutual_distillation_loss(student.forward(batch.tokens, batch.mask, settings),
                                                teacher.forward(batch.tokens, batch.mask, settings),
                                                batch.mask, batch.labels, phase.loss)
                    .total;
            },
            observe_from(alone)),
        "distillation");
    return losses;
}

}  // namespace kd_lora
