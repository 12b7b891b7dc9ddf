#include "bench_model.hpp"

namespace {

void reconstruct(benchmark::State& state) {
    BenchModel model(state);
    const ferret::Projector projector{model.layout, model.basis, ferret::Uniform{model.bases}};
    const ferret::Sketch sketch = projector(model.values, ferret::Seed{42, 1});
    const ferret::Reconstructor reconstructor{model.layout, model.basis, ferret::Cpu{.threads = 1}};
    for (auto _ : state) {
        reconstructor(sketch, model.values, 1e-6f);
        benchmark::ClobberMemory();
    }
    model.report(state);
}
BENCHMARK(reconstruct)->Apply(bench_arguments);

}  // namespace
