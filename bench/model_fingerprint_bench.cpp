#include "bench_model.hpp"
#include "ceilings.hpp"

#include <ferret/protocol/model_fingerprint.hpp>

namespace {

void fingerprint(benchmark::State& state) {
    BenchModel model(state);
    const auto layout = ferret::Layout::per_tensor({std::size_t{1} << state.range(0)});
    model.visit([&](const auto& values) {
        for (auto _ : state)
            benchmark::DoNotOptimize(ferret::model_fingerprint(
                layout, values, {.threads = static_cast<int>(state.range(4))}));
    });
    const auto elements = static_cast<double>(state.iterations() << state.range(0));
    state.counters["values"] = benchmark::Counter(elements, benchmark::Counter::kIsRate);
}

}  // namespace

int main(int count, char** arguments) {
    register_ceilings();
    for (const ferret::DType dtype : {ferret::DType::float32, ferret::DType::bfloat16})
        for (const std::int64_t threads : {1, 2})
            benchmark::RegisterBenchmark("fingerprint", fingerprint)
                ->ArgNames(BenchArguments::names())
                ->Args(BenchArguments{
                    .log2_size = 28, .dtype = static_cast<std::int64_t>(dtype), .threads = threads}
                           .values())
                ->Unit(benchmark::kMillisecond)
                ->UseRealTime();
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
