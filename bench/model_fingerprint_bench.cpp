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
                layout, values,
                {.threads = static_cast<int>(state.range(4)),
                 .instruction_set = static_cast<ferret::InstructionSet>(state.range(5))}));
    });
    const auto elements = static_cast<double>(state.iterations() << state.range(0));
    const auto dtype = static_cast<ferret::DType>(state.range(3));
    state.counters["values"] = benchmark::Counter(elements, benchmark::Counter::kIsRate);
    state.counters["bytes"] = benchmark::Counter(
        elements * static_cast<double>(ferret::size_of(dtype)), benchmark::Counter::kIsRate);
}

void add(const char* name, const BenchArguments& arguments) {
    benchmark::RegisterBenchmark(name, fingerprint)
        ->ArgNames(BenchArguments::names())
        ->Args(arguments.values())
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

}  // namespace

int main(int count, char** arguments) {
    register_ceilings();
    for (const ferret::DType dtype :
         {ferret::DType::float32, ferret::DType::bfloat16, ferret::DType::float64}) {
        // As many bytes of each as ceiling/read reads.
        BenchArguments arguments{.log2_size = dtype == ferret::DType::float64    ? 27
                                              : dtype == ferret::DType::bfloat16 ? 29
                                                                                 : 28,
                                 .dtype = static_cast<std::int64_t>(dtype)};
        for (arguments.threads = 1; arguments.threads <= 2; ++arguments.threads)
            add("fingerprint", arguments);
        arguments.threads = 1;
        for (const auto& [name, set] : ferret::instruction_set_names) {
            arguments.instruction_set = static_cast<std::int64_t>(set);
            if (ferret::is_supported(set)) add("set", arguments);
        }
    }
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
