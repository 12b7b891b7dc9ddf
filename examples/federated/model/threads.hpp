#pragma once

#include <cstdint>

namespace federated {

/// How many processor threads LibTorch and its OpenBLAS compute with, which has a count of its own, by
/// the processors that the process may use. Their sums, and so a model's last bits, depend on it.
void set_threads(std::int64_t threads);

}  // namespace federated
