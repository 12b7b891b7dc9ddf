#include "ceilings.hpp"
#include "cuda_bench_model.cuh"

namespace {

/// One pass over the model for all clients, each with a seed of its own.
void reconstruct(benchmark::State& state, const ferret::Basis& basis) {
    const CudaBenchModel model(state, basis);
    const auto projector = model.projector();
    const auto reconstructor = model.reconstructor();
    model.visit([&](auto& values) {
        std::vector<ferret::Sketch> sketches;
        for (std::size_t client = 0; client < model.clients(); ++client)
            sketches.push_back(projector(values, ferret::Seed{client, 1}));
        model.timer().measure(state, [&] {
            reconstructor(std::span<const ferret::Sketch>(sketches), values, 1e-6f);
        });
    });
    model.report(state, 2.0);
}

}  // namespace

int main(int count, char** arguments) {
    register_cuda_ceilings();
    register_cuda_questions("reconstruct", reconstruct);
    for (const ferret::Basis& basis : usual_bases)
        for (const std::int64_t clients : {1, 10, 100})
            register_run("clients", "reconstruct", reconstruct, basis,
                         {.log2_size = 26, .bases = 16, .clients = clients});
    return run_cuda_benchmarks(count, arguments);
}
