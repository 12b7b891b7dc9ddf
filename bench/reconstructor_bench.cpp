#include "bench_model.hpp"
#include "ceilings.hpp"

namespace {

/// One pass over the model for all clients, each with a seed of its own.
void reconstruct(benchmark::State& state, const ferret::Basis& basis) {
    BenchModel model(state, basis);
    const ferret::Reconstructor<> reconstructor = model.reconstructor();
    model.visit([&](const auto& values) {
        std::vector<ferret::Sketch> sketches;
        for (std::size_t client = 0; client < model.clients(); ++client)
            sketches.push_back(model.projector()(values, ferret::Seed{client, 1}));
        for (auto _ : state) {
            reconstructor(std::span<const ferret::Sketch>(sketches), values, 1e-6f);
            benchmark::ClobberMemory();
        }
    });
    model.report(state);
}

}  // namespace

int main(int count, char** arguments) {
    register_ceilings();
    register_questions("reconstruct", reconstruct);
    for (const ferret::Basis& basis : usual_bases)
        for (const std::int64_t clients : {1, 10, 100})
            register_run("clients", "reconstruct", reconstruct, basis,
                         {.log2_size = 24, .bases = 16, .clients = clients});
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
