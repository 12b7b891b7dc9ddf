#include "federated/projection/model_fingerprint.hpp"

#include <ferret/interop/torch.hpp>
#include <ferret/protocol/model_fingerprint.hpp>

#include "federated/projection/gpu_projection.hpp"

namespace federated {

std::uint64_t model_fingerprint(const Weights& weights) {
    if (!weights.empty() && weights.front().is_cuda()) return model_fingerprint_on_gpu(weights);
    return ferret::model_fingerprint(ferret::Layout::per_tensor(tensor_sizes(weights)), weights);
}

}  // namespace federated
