#include "ceilings.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ferret/projector.hpp>
#include <ferret/wire.hpp>
#include <random>
#include <string>
#include <vector>

#include "bench_model.hpp"

namespace {

std::vector<float> normal_values(std::size_t count) {
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) value = normal(generator);
    return values;
}

struct Coordinates {
    explicit Coordinates(std::uint32_t count)
        : values(normal_values(count)), chunks(ferret::cut_into_chunks({&count, 1})) {}

    std::vector<float> values;
    std::vector<ferret::RotatedChunk> chunks;
};

constexpr ferret::Rotation rotation{{1, 2}, 3};

/// Bytes of the coordinates as floats, which ceiling/read reads.
void report(benchmark::State& state, const Coordinates& coordinates) {
    state.counters["bytes"] = per_second(static_cast<double>(state.iterations()) *
                                         static_cast<double>(4 * coordinates.values.size()));
}

void encode(benchmark::State& state, ferret::CoordinateFormat format, const ferret::Cpu& cpu) {
    const Coordinates coordinates(static_cast<std::uint32_t>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(ferret::encode_few_bits(coordinates.values, coordinates.chunks,
                                                         format, rotation, cpu, "bench"));
    report(state, coordinates);
}

void decode(benchmark::State& state, ferret::CoordinateFormat format, const ferret::Cpu& cpu) {
    const Coordinates coordinates(static_cast<std::uint32_t>(state.range(0)));
    const std::vector<std::byte> bytes = ferret::encode_few_bits(
        coordinates.values, coordinates.chunks, format, rotation, cpu, "bench");
    std::vector<float> decoded(coordinates.values.size());
    for (auto _ : state) {
        ferret::decode_few_bits(bytes, coordinates.chunks, format, rotation, cpu, "bench", decoded);
        benchmark::ClobberMemory();
    }
    report(state, coordinates);
}

/// What stands beside the encoding of K = d / 32 coordinates.
void project(benchmark::State& state) {
    const std::vector<float> update = normal_values(static_cast<std::size_t>(state.range(0)));
    const ferret::Projector project{ferret::Layout::per_tensor({update.size()}),
                                    ferret::SparseSign{}, ferret::Uniform{update.size() / 32},
                                    ferret::Cpu{.threads = 1}};
    for (auto _ : state) benchmark::DoNotOptimize(project(update, {1, 2}));
}

}  // namespace

int main(int count, char** arguments) {
    register_ceilings();
    constexpr std::int64_t many = std::int64_t{1} << 24;
    constexpr std::int64_t elements = std::int64_t{1} << 28;
    for (const auto& [set_name, set] : ferret::instruction_set_names) {
        if (!ferret::is_supported(set)) continue;
        for (const auto& [name, format] : ferret::coordinate_format_names) {
            if (!ferret::is_rotated(format)) continue;
            const ferret::Cpu cpu{.threads = 1, .instruction_set = set};
            std::string label = "/";
            label.append(name).append("/").append(set_name);
            for (const bool encodes : {true, false})
                benchmark::RegisterBenchmark(((encodes ? "encode" : "decode") + label).c_str(),
                                             encodes ? encode : decode, format, cpu)
                    ->Arg(many)
                    ->Unit(benchmark::kMillisecond);
        }
    }
    benchmark::RegisterBenchmark("a_tenth/project", project)
        ->Arg(elements)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark("a_tenth/encode", encode, ferret::CoordinateFormat::one_bit,
                                 ferret::Cpu{.threads = 1})
        ->Arg(elements / 32)
        ->Unit(benchmark::kMillisecond);
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
