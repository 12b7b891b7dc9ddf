#include "kd_lora/federation/batch_tensors.hpp"

namespace kd_lora {

BatchTensors ExampleSource::batch(std::span<const std::size_t> rows) const {
    const Batch made = make_batch(examples, rows, padding_token);
    const auto tensor = [&](const std::vector<std::int64_t>& numbers) {
        return torch::tensor(numbers, torch::kInt64).to(device);
    };
    return {tensor(made.tokens).view({made.rows, made.length}),
            tensor(made.attention_mask).view({made.rows, made.length}), tensor(made.labels)};
}

}  // namespace kd_lora
