#pragma once

#include <span>
#include <vector>

#include "fed_llm/data/example.hpp"
#include "fed_llm/model/llama.hpp"
#include "federated/round/progress.hpp"
#include "federated/round/round_record.hpp"

namespace fed_llm {

/// test_loss: the mean loss over the test examples. Throws: what `observe` throws.
std::vector<federated::Metric> evaluate(Llama& model, std::span<const Example> test,
                                        std::int64_t round,
                                        const federated::ProgressObserver& observe);

}  // namespace fed_llm
