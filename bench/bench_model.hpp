#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <string>
#include <vector>

/// The size and basis of one benchmark run: arguments are log2 d, K and the index of the basis.
struct BenchModel {
    explicit BenchModel(const benchmark::State& state)
        : size(std::size_t{1} << state.range(0)),
          bases(static_cast<std::uint64_t>(state.range(1))),
          name(ferret::basis_names[static_cast<std::size_t>(state.range(2))].first),
          basis(ferret::parse_basis(name)),
          layout(ferret::Layout::per_tensor({size})),
          values(size) {
        for (std::size_t i = 0; i < size; ++i) values[i] = std::sin(static_cast<float>(i));
    }

    /// Names the basis, and counts basis elements and the bytes of the model per second.
    void report(benchmark::State& state) const {
        const auto iterations = static_cast<double>(state.iterations());
        state.SetLabel(std::string(name));
        state.counters["elements"] =
            benchmark::Counter(iterations * static_cast<double>(size) * static_cast<double>(bases),
                               benchmark::Counter::kIsRate);
        state.counters["bytes"] = benchmark::Counter(
            iterations * static_cast<double>(size) * sizeof(float), benchmark::Counter::kIsRate);
    }

    std::size_t size;
    std::uint64_t bases;
    std::string_view name;
    ferret::Basis basis;
    ferret::Layout layout;
    std::vector<float> values;
};

/// d = 2^16 and 2^20, K = 16 to 1024, every basis.
inline void bench_arguments(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"log2_d", "K", "basis"});
    for (const std::int64_t log2_size : {16, 20})
        for (const std::int64_t bases : {16, 128, 1024})
            for (std::size_t basis = 0; basis < ferret::basis_names.size(); ++basis)
                benchmark->Args({log2_size, bases, static_cast<std::int64_t>(basis)});
    benchmark->Unit(benchmark::kMillisecond);
}
