#include <cstdio>
#include <ferret/backend/cuda.cuh>
#include <ferret/ferret.hpp>
#include <vector>

#include "server.hpp"

int main() {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::puts("built, but not run: there is no GPU");
        return 0;
    }
    // The client has a GPU, the server none: with as many bases as elements the rebuilt model is
    // exact.
    const auto layout = ferret::Layout::per_tensor({1000});
    const thrust::device_vector<float> before(1000, 3.0f);
    const thrust::device_vector<float> after(1000, 2.5f);
    const ferret::Projector project{layout, ferret::SparseSign{}, ferret::NormShare{1000},
                                    ferret::Cuda{}};
    const ferret::Sketch sketch = project(before, after, ferret::Seed{42, /*round=*/1});
    std::vector<std::vector<float>> model{std::vector<float>(1000, 3.0f)};
    apply_message(layout, ferret::encode(sketch), model);
    for (const float value : model[0])
        if (value != 2.5f) {
            std::printf("expected 2.5, got %g\n", static_cast<double>(value));
            return 1;
        }
    return 0;
}
