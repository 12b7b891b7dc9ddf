#include "federated/projection/model_fingerprint.hpp"

#include <ferret/interop/torch.hpp>
#include <ferret/protocol/model_fingerprint.hpp>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("a model's fingerprint is the library's, over its tensors end to end") {
    TrainableModel model = bigram_model();
    const std::uint64_t fingerprint = model_fingerprint(model.parameters);
    CHECK(fingerprint ==
          ferret::model_fingerprint(ferret::Layout::per_tensor({256, 16}), model.parameters));
    const torch::NoGradGuard no_grad;
    model.parameters[1][3] += 1e-6;
    CHECK(model_fingerprint(model.parameters) != fingerprint);
}
