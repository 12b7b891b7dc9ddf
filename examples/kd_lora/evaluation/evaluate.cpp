#include "kd_lora/evaluation/evaluate.hpp"

#include <numeric>
#include <vector>

namespace kd_lora {
namespace {

constexpr std::size_t batch_size = 64;

}  // namespace

Scores evaluate(const SequenceClassifier& model, const ExampleSource& source,
                const ExamplesObserver& observe) {
    const torch::NoGradGuard no_grad;
    std::vector<std::size_t> rows(source.examples.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    ConfusionCounts counts(model.config().labels);
    LossSum loss;
    std::int64_t done = 0;
    for (const std::vector<std::size_t>& batch_rows :
         batches_by_length(source.examples, rows, batch_size)) {
        const BatchTensors batch = source.batch(batch_rows);
        const torch::Tensor logits = model.forward(batch.tokens, batch.mask).logits;
        const torch::Tensor mean = torch::nn::functional::cross_entropy(logits, batch.labels);
        loss.add_mean(mean.item<double>(), batch_rows.size());
        const torch::Tensor predictions = logits.argmax(-1).cpu();
        for (std::size_t i = 0; i < batch_rows.size(); ++i) {
            counts.add(source.examples[batch_rows[i]].label,
                       predictions[static_cast<std::int64_t>(i)].item<std::int64_t>());
        }
        done += static_cast<std::int64_t>(batch_rows.size());
        observe(done, static_cast<std::int64_t>(rows.size()));
    }
    return scores_of(counts, loss);
}

}  // namespace kd_lora
