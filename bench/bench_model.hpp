#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <string>
#include <string_view>
#include <vector>

/// What one benchmark run measures; the order of its fields is that of the benchmark's arguments.
struct BenchArguments {
    std::int64_t log2_size = 22;  ///< d = 2^log2_size, one block
    std::int64_t bases = 64;      ///< K
    std::int64_t basis = 0;       ///< index in ferret::basis_names
    std::int64_t dtype = 0;       ///< ferret::DType
    std::int64_t threads = 1;
    std::int64_t instruction_set = static_cast<std::int64_t>(ferret::best_instruction_set());
    std::int64_t clients = 1;  ///< sketches that are rebuilt in one pass

    static std::vector<std::string> names() {
        return {"log2_d", "K", "basis", "dtype", "threads", "set", "clients"};
    }
    std::vector<std::int64_t> values() const {
        return {log2_size, bases, basis, dtype, threads, instruction_set, clients};
    }
};

/// One tensor of the size and storage type that a benchmark run asks for.
class BenchModel {
public:
    explicit BenchModel(const benchmark::State& state)
        : size_(std::size_t{1} << state.range(0)),
          bases_(static_cast<std::uint64_t>(state.range(1))),
          name_(ferret::basis_names[static_cast<std::size_t>(state.range(2))].first),
          dtype_(static_cast<ferret::DType>(state.range(3))),
          backend_{static_cast<int>(state.range(4)),
                   static_cast<ferret::InstructionSet>(state.range(5))},
          clients_(static_cast<std::size_t>(state.range(6))),
          layout_(ferret::Layout::per_tensor({size_})),
          storage_(size_ * ferret::size_of(dtype_)) {
        ferret::visit_dtype(dtype_, [this]<class T>(T*) {
            auto* values = reinterpret_cast<T*>(storage_.data());
            for (std::size_t i = 0; i < size_; ++i)
                values[i] = static_cast<T>(static_cast<float>(i % 2003) / 2003.0f - 0.5f);
        });
    }

    ferret::Projector<> projector() const {
        return {layout_, ferret::parse_basis(name_), ferret::Uniform{bases_}, backend_};
    }
    ferret::Reconstructor<> reconstructor() const {
        return {layout_, ferret::parse_basis(name_), backend_};
    }

    /// Calls visit with the tensor as a span of its storage type.
    template <class Visit>
    void visit(const Visit& visit) {
        ferret::visit_dtype(dtype_, [&]<class T>(T*) {
            visit(std::span<T>(reinterpret_cast<T*>(storage_.data()), size_));
        });
    }

    std::size_t clients() const { return clients_; }

    /// Names what ran, and counts basis elements and the model's floats and bytes per second.
    void report(benchmark::State& state) const {
        const double passes = static_cast<double>(state.iterations());
        const double elements = passes * static_cast<double>(size_);
        const auto rate = [](double value) {
            return benchmark::Counter(value, benchmark::Counter::kIsRate);
        };
        state.SetLabel(std::string(name_) + " " +
                       std::string(ferret::instruction_set_name(backend_.instruction_set)));
        state.counters["basis_elements"] =
            rate(elements * static_cast<double>(bases_) * static_cast<double>(clients_));
        state.counters["values"] = rate(elements);
        state.counters["bytes"] = rate(elements * static_cast<double>(ferret::size_of(dtype_)));
    }

private:
    std::size_t size_;
    std::uint64_t bases_;
    std::string_view name_;
    ferret::DType dtype_;
    ferret::Cpu backend_;
    std::size_t clients_;
    ferret::Layout layout_;
    std::vector<std::byte> storage_;
};

/// Registers a benchmark once for every question it answers: its name begins with the question.
inline void register_questions(const std::string& name, void (*run)(benchmark::State&)) {
    const auto add = [&](const std::string& question, const BenchArguments& arguments) {
        benchmark::RegisterBenchmark((question + "/" + name).c_str(), run)
            ->ArgNames(BenchArguments::names())
            ->Args(arguments.values())
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
    };
    const auto basis_count = static_cast<std::int64_t>(ferret::basis_names.size());
    const std::int64_t sparse = basis_count - 1;

    for (std::int64_t basis = 0; basis < basis_count; ++basis) add("kernels", {.basis = basis});
    for (std::int64_t basis = 0; basis < basis_count; ++basis)
        for (const std::int64_t bases : {16, 64, 256, 1024, 4096, 16384})
            add("by_K", {.log2_size = 20, .bases = bases, .basis = basis});
    for (std::int64_t basis = 0; basis < basis_count; ++basis)
        for (const std::int64_t log2_size : {16, 20, 24, 28})
            add("by_d", {.log2_size = log2_size, .basis = basis});
    for (std::int64_t bases = 64; bases <= 1 << 20; bases *= 4)
        add("sparse", {.log2_size = 28, .bases = bases, .basis = sparse});
    for (const std::int64_t basis : {std::int64_t{0}, sparse})
        for (const ferret::DType dtype : {ferret::DType::float32, ferret::DType::bfloat16,
                                          ferret::DType::float16, ferret::DType::float64})
            add("dtype",
                {.log2_size = 24, .basis = basis, .dtype = static_cast<std::int64_t>(dtype)});
    for (std::int64_t basis = 0; basis < basis_count; ++basis)
        for (const std::int64_t threads : {1, 2})
            add("threads",
                {.log2_size = basis == sparse ? 28 : 22, .basis = basis, .threads = threads});
    for (std::int64_t basis = 0; basis < basis_count; ++basis)
        add("portable",
            {.basis = basis,
             .instruction_set = static_cast<std::int64_t>(ferret::InstructionSet::portable)});
    for (std::int64_t basis = 0; basis < basis_count; ++basis)
        for (const auto& [set_name, set] : ferret::instruction_set_names)
            if (ferret::is_supported(set))
                add("set", {.log2_size = 20,
                            .basis = basis,
                            .instruction_set = static_cast<std::int64_t>(set)});
}
