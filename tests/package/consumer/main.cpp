#include "server.hpp"

#include <cstdio>
#include <ferret/reference.hpp>

int main() {
    std::vector<std::vector<float>> before{std::vector<float>(600), std::vector<float>(300),
                                           std::vector<float>(100)};
    std::vector<std::vector<float>> after = before;
    for (std::size_t tensor = 0; tensor < before.size(); ++tensor) {
        for (std::size_t i = 0; i < before[tensor].size(); ++i) {
            before[tensor][i] = static_cast<float>(i % 7);
            after[tensor][i] = static_cast<float>(i % 5);
        }
    }

    const auto layout = ferret::Layout::per_tensor({600, 300, 100});
    // With as many bases as elements SparseSign loses nothing: the rebuilt model is exact.
    const ferret::Projector project{layout, ferret::SparseSign{}, ferret::NormShare{1000}};
    const ferret::Sketch sketch = project(before, after, ferret::Seed{42, /*round=*/1});
    const std::vector<std::byte> message = ferret::encode(sketch);
    if (message.size() != 44 + 4 * 3 + 4 * 1000) {
        std::printf("expected a message of 4056 bytes, got %zu\n", message.size());
        return 1;
    }
    std::vector<std::vector<float>> model = before;
    apply_message(layout, message, model);
    if (model != after) {
        std::puts("expected the rebuilt model to equal the trained one");
        return 1;
    }

    // And with the paper's basis, the kernels agree with the plain loops.
    const ferret::Basis basis = ferret::TruncatedNormal{};
    const ferret::Sketch dense = ferret::Projector{layout, basis, ferret::Uniform{30}}(
        before, after, ferret::Seed{42, /*round=*/1});
    std::vector<float> delta;
    for (std::size_t tensor = 0; tensor < before.size(); ++tensor)
        for (std::size_t i = 0; i < before[tensor].size(); ++i)
            delta.push_back(before[tensor][i] - after[tensor][i]);
    if (dense != ferret::reference::project(layout, basis, dense.bases_per_block, delta,
                                            ferret::Seed{42, /*round=*/1})) {
        std::puts("expected the kernels to agree with the reference");
        return 1;
    }
    return 0;
}
