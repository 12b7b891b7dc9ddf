#include "bench_model.hpp"

namespace {

void project(benchmark::State& state) {
    const BenchModel model(state);
    const ferret::Projector projector{model.layout, model.basis, ferret::Uniform{model.bases},
                                      ferret::Cpu{.threads = 1}};
    for (auto _ : state) benchmark::DoNotOptimize(projector(model.values, ferret::Seed{42, 1}));
    model.report(state);
}
BENCHMARK(project)->Apply(bench_arguments);

}  // namespace
