#include "bench_model.hpp"
#include "ceilings.hpp"

namespace {

/// One pass over the model for all clients, each with a seed of its own.
void reconstruct(benchmark::State& state) {
    BenchModel model(state);
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
    const auto sparse = static_cast<std::int64_t>(ferret::basis_names.size()) - 1;
    for (const std::int64_t basis : {std::int64_t{0}, sparse})
        for (const std::int64_t clients : {1, 10, 100})
            benchmark::RegisterBenchmark("clients/reconstruct", reconstruct)
                ->ArgNames(BenchArguments::names())
                ->Args(
                    BenchArguments{.log2_size = 24, .bases = 16, .basis = basis, .clients = clients}
                        .values())
                ->Unit(benchmark::kMillisecond)
                ->UseRealTime();
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
