#include "bench_model.hpp"
#include "ceilings.hpp"
#ifdef FERRET_BENCH_TORCH
#include "public_code.hpp"
#endif

namespace {

void project(benchmark::State& state, const ferret::Basis& basis) {
    BenchModel model(state, basis);
    const ferret::Projector<> projector = model.projector();
    model.visit([&](const auto& delta) {
        for (auto _ : state) benchmark::DoNotOptimize(projector(delta, ferret::Seed{42, 1}));
    });
    model.report(state);
}

/// project(before, after), which never stores delta: reads twice the memory.
void project_difference(benchmark::State& state, const ferret::Basis& basis) {
    BenchModel model(state, basis);
    const ferret::Projector<> projector = model.projector();
    model.visit([&](const auto& before) {
        const std::vector after(before.begin(), before.end());
        for (auto _ : state)
            benchmark::DoNotOptimize(projector(before, after, ferret::Seed{42, 1}));
    });
    model.report(state);
}

}  // namespace

int main(int count, char** arguments) {
    register_ceilings();
#ifdef FERRET_BENCH_TORCH
    register_public_code();
#endif
    register_questions("project", project);
    for (const ferret::Basis& basis : usual_bases)
        register_run("fused", "project_difference", project_difference, basis, {.log2_size = 24});
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
