#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <iostream>
#include <vector>

int main() {
    // A model of three tensors before and after some training.
    std::vector<std::vector<float>> before{std::vector<float>(60000, 0.5f),
                                           std::vector<float>(30000, -0.25f),
                                           std::vector<float>(10000, 1.0f)};
    std::vector<std::vector<float>> after = before;
    for (std::vector<float>& tensor : after)
        for (std::size_t i = 0; i < tensor.size(); ++i)
            tensor[i] -= 0.01f * std::sin(static_cast<float>(i));

    // Client: 100,000 numbers become 4,096 bits and a seed.
    const auto layout = ferret::Layout::per_tensor({60000, 30000, 10000});
    const ferret::Projector project{layout, ferret::SparseSign{}, ferret::NormShare{4096}};
    const ferret::Sketch sketch = project(before, after, ferret::Seed{42, /*round=*/1});
    const std::vector<std::byte> message =
        ferret::encode(sketch, ferret::CoordinateFormat::one_bit);

    // Server, and every other client: the same update from the message alone.
    std::vector<std::vector<float>> model = before;
    const ferret::Reconstructor reconstruct{layout, ferret::SparseSign{}};
    reconstruct(ferret::decode(message), model, /*scale=*/-0.04f);

    double towards = 0.0;
    for (std::size_t t = 0; t < model.size(); ++t)
        for (std::size_t i = 0; i < model[t].size(); ++i)
            towards += (model[t][i] - before[t][i]) * (after[t][i] - before[t][i]);
    std::cout << layout.element_count() << " parameters in " << message.size()
              << " bytes; the model moved " << (towards > 0.0 ? "towards" : "away from")
              << " the client's\n";
    return towards > 0.0 ? 0 : 1;
}
