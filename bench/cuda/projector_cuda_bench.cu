#include "ceilings.hpp"
#include "cuda_bench_model.cuh"

namespace {

void project(benchmark::State& state) {
    const CudaBenchModel model(state);
    const auto projector = model.projector();
    model.visit([&](const auto& delta) {
        model.timer().measure(state, [&] {
            benchmark::DoNotOptimize(projector(delta, ferret::Seed{42, 1}));
        });
    });
    model.report(state, 1.0);
}

/// Without the coordinates' way to the host.
void project_on_device(benchmark::State& state) {
    const CudaBenchModel model(state);
    model.visit([&](const auto& delta) {
        model.timer().measure(state, [&] {
            benchmark::DoNotOptimize(model.project_on_device(delta, ferret::Seed{42, 1}));
        });
    });
    model.report(state, 1.0);
}

/// project(before, after), which never stores delta: reads twice the memory.
void project_difference(benchmark::State& state) {
    const CudaBenchModel model(state);
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
    const auto sparse = static_cast<std::int64_t>(ferret::basis_names.size()) - 1;
    for (const std::int64_t basis : {std::int64_t{0}, sparse})
        register_run("fused", "project_difference", project_difference, {.basis = basis});
    for (const std::int64_t bases : sparse_bases)
        register_run("sparse", "project_on_device", project_on_device,
                     {.bases = bases, .basis = sparse});
    return run_cuda_benchmarks(count, arguments);
}
