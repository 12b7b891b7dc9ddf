#include "public_code.hpp"

#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <cmath>
#include <cstdint>

namespace {

constexpr std::int64_t size = std::int64_t{1} << 22;

/// The steps of torch.nn.init.trunc_normal_(v, 0, 1, -a, a): uniform on the images of the bounds
/// under erf, then its inverse, scaled and clamped.
void trunc_normal(torch::Tensor& v, double a) {
    const double bound = std::erf(a / std::sqrt(2.0));
    v.uniform_(-bound, bound).erfinv_().mul_(std::sqrt(2.0)).clamp_(-a, a);
}

template <class Fill>
void run(benchmark::State& state, const Fill& fill) {
    at::set_num_threads(1);
    const torch::NoGradGuard no_gradients;
    const torch::Tensor delta = torch::full({size}, 0.5f);
    torch::Tensor v = torch::empty({size});
    std::uint64_t seed = 0;
    for (auto _ : state) {
        torch::manual_seed(seed++);
        fill(v);
        benchmark::DoNotOptimize(torch::dot(v, delta).item<float>());
    }
    state.counters["basis_elements"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(size),
                           benchmark::Counter::kIsRate);
}

}  // namespace

void register_public_code() {
    benchmark::RegisterBenchmark("public_code/trunc_normal",
                                 [](benchmark::State& state) {
                                     run(state, [](torch::Tensor& v) {
                                         trunc_normal(v,
                                                      1.0 / std::sqrt(static_cast<double>(size)));
                                     });
                                 })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark(
        "public_code/normal",
        [](benchmark::State& state) { run(state, [](torch::Tensor& v) { v.normal_(); }); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}
