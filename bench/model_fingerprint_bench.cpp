#include "bench_model.hpp"
#include "ceilings.hpp"

#include <ferret/protocol/model_fingerprint.hpp>

namespace {

void fingerprint(benchmark::State& state) {
    const BenchArguments arguments = BenchArguments::of(state);
    BenchTensor tensor(arguments);
    const auto layout = ferret::Layout::per_tensor({tensor.size()});
    tensor.visit([&](const auto& values) {
        for (auto _ : state)
            benchmark::DoNotOptimize(
                ferret::model_fingerprint(layout, values, arguments.backend()));
    });
    const auto passes = static_cast<double>(state.iterations());
    state.counters["values"] = per_second(passes * static_cast<double>(tensor.size()));
    state.counters["bytes"] = per_second(passes * static_cast<double>(tensor.bytes()));
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
