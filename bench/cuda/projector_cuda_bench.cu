#include "ceilings.hpp"
#include "cuda_bench_model.cuh"

namespace {

void project(benchmark::State& state, const ferret::Basis& basis) {
    const CudaBenchModel model(state, basis);
    const auto projector = model.projector();
    model.visit([&](const auto& delta) {
        model.timer().measure(state, [&] {
            benchmark::DoNotOptimize(projector(delta, ferret::Seed{42, 1}));
        });
    });
    model.report(state, 1.0);
}

/// Without the coordinates' way to the host.
void project_on_device(benchmark::State& state, const ferret::Basis& basis) {
    const CudaBenchModel model(state, basis);
    model.visit([&](const auto& delta) {
        model.timer().measure(state, [&] {
            benchmark::DoNotOptimize(model.project_on_device(delta, ferret::Seed{42, 1}));
        });
    });
    model.report(state, 1.0);
}

/// project(before, after), which never stores delta: reads twice the memory.
void project_difference(benchmark::State& state, const ferret::Basis& basis) {
    const CudaBenchModel model(state, basis);
    const auto projector = model.projector();
    model.visit([&](const auto& before) {
        const auto after = before;
        model.timer().measure(state, [&] {
            benchmark::DoNotOptimize(projector(before, after, ferret::Seed{42, 1}));
        });
    });
    model.report(state, 2.0);
}

}  // namespace

int main(int count, char** arguments) {
    register_cuda_ceilings();
    register_cuda_questions("project", project);
    for (const ferret::Basis& basis : usual_bases)
        register_run("fused", "project_difference", project_difference, basis, {});
    register_sparse("project_on_device", project_on_device);
    return run_cuda_benchmarks(count, arguments);
}
