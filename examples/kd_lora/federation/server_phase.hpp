#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "federated/round/progress.hpp"
#include "federated/round/round.hpp"
#include "kd_lora/distillation/mutual_distillation.hpp"
#include "kd_lora/federation/steps.hpp"

namespace kd_lora {

/// What the server of FedKD-LoRA does after each average.
struct ServerPhase {
    ExampleSource source;
    std::vector<std::size_t> share;     ///< the public rows of `source`
    std::size_t examples_per_pass = 0;  ///< at most; 0: the whole share
    std::int64_t teacher_epochs = 1;    ///< passes of the teacher alone
    std::int64_t distillation_epochs = 1;
    double teacher_rate = 5e-5;
    double student_rate = 1e-3;
    AdamWKind optimizer = AdamWKind::transformers;
    std::size_t batch_size = 32;
    Batching batching = Batching::random;
    MutualDistillation loss;
    AttentionMaps maps = AttentionMaps::before_dropout;
    std::uint64_t seed = 0;  ///< of data order and dropout
};

/// The batches of a round's end: of the teacher alone, and of both.
struct PhaseBatches {
    BatchRows of_teacher;
    BatchRows of_both;
};

/// The passes of a round are over the next examples of the public share's walk.
/// Repro: a function of the phase's settings and the round
PhaseBatches batches_of_phase(const ServerPhase& phase, const federated::Round& round);

/// What came of it.
struct PhaseLosses {
    double of_teacher = 0.0;  ///< mean over the teacher's own steps; 0 where there are none
    double of_both = 0.0;     ///< ... and over the common steps
};

/// Trains the teacher alone, then teacher and student on each other, in place, each of the two with a fresh
/// AdamW whose rates go down to 0. `dropout` as in ForwardSettings; `observe` is told of steps done, of all.
/// Throws: std::runtime_error where a loss or a weight becomes infinite or not a number; what `observe`
///         throws
PhaseLosses run_server_phase(const SequenceClassifier& teacher, const SequenceClassifier& student,
                             const ServerPhase& phase, const PhaseBatches& batches,
                             Dropout* dropout, const federated::StepObserver& observe);

}  // namespace kd_lora
