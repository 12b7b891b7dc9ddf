#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

/// What one benchmark run measures; the order of its fields is that of the benchmark's arguments.
struct BenchArguments {
    std::int64_t log2_size = 22;  ///< d = 2^log2_size, one block
    std::int64_t bases = 64;      ///< K
    std::int64_t dtype = 0;       ///< ferret::DType
    std::int64_t threads = 1;
    std::int64_t instruction_set = static_cast<std::int64_t>(ferret::best_instruction_set());
    std::int64_t clients = 1;  ///< sketches that are rebuilt in one pass

    static std::vector<std::string> names() {
        return {"log2_d", "K", "dtype", "threads", "set", "clients"};
    }
    std::vector<std::int64_t> values() const {
        return {log2_size, bases, dtype, threads, instruction_set, clients};
    }
    static BenchArguments of(const benchmark::State& state) {
        return {state.range(0), state.range(1), state.range(2),
                state.range(3), state.range(4), state.range(5)};
    }

    std::size_t size() const { return std::size_t{1} << log2_size; }
    ferret::DType storage_type() const { return static_cast<ferret::DType>(dtype); }
    ferret::Cpu backend() const {
        return {static_cast<int>(threads), static_cast<ferret::InstructionSet>(instruction_set)};
    }
};

/// One tensor of the size and storage type that a benchmark run asks for.
class BenchTensor {
public:
    explicit BenchTensor(const BenchArguments& arguments)
        : size_(arguments.size()),
          dtype_(arguments.storage_type()),
          storage_(size_ * ferret::size_of(dtype_)) {
        visit([](const auto& values) {
            using T = typename std::remove_cvref_t<decltype(values)>::value_type;
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = static_cast<T>(static_cast<float>(i % 2003) / 2003.0f - 0.5f);
        });
    }

    /// Calls visit with the tensor as a span of its storage type.
    template <class Visit>
    void visit(const Visit& visit) {
        ferret::visit_dtype(dtype_, [&]<class T>(T*) {
            visit(std::span<T>(reinterpret_cast<T*>(storage_.data()), size_));
        });
    }

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return storage_.size(); }

private:
    std::size_t size_;
    ferret::DType dtype_;
    std::vector<std::byte> storage_;
};

inline benchmark::Counter per_second(double value) {
    return {value, benchmark::Counter::kIsRate};
}

/// The tensor of a benchmark run, and a projector and a reconstructor for it.
class BenchModel {
public:
    BenchModel(const benchmark::State& state, const ferret::Basis& basis)
        : arguments_(BenchArguments::of(state)),
          basis_(basis),
          layout_(ferret::Layout::per_tensor({arguments_.size()})),
          tensor_(arguments_) {}

    ferret::Projector<> projector() const {
        return {layout_, basis_, ferret::Uniform{static_cast<std::uint64_t>(arguments_.bases)},
                arguments_.backend()};
    }
    ferret::Reconstructor<> reconstructor() const {
        return {layout_, basis_, arguments_.backend()};
    }

    template <class Visit>
    void visit(const Visit& visit) {
        tensor_.visit(visit);
    }

    std::size_t clients() const { return static_cast<std::size_t>(arguments_.clients); }

    /// Names what ran, and counts the model's floats and bytes per second, and the K d basis elements
    /// of a dense family.
    void report(benchmark::State& state) const {
        const auto passes = static_cast<double>(state.iterations());
        const double elements = passes * static_cast<double>(tensor_.size());
        state.SetLabel(
            std::string(ferret::basis_name(basis_)) + " " +
            std::string(ferret::instruction_set_name(arguments_.backend().instruction_set)));
        state.counters["values"] = per_second(elements);
        state.counters["bytes"] = per_second(passes * static_cast<double>(tensor_.bytes()));
        if (!ferret::is_sparse(basis_))
            state.counters["basis_elements"] =
                per_second(elements * static_cast<double>(arguments_.bases) *
                           static_cast<double>(arguments_.clients));
    }

private:
    BenchArguments arguments_;
    ferret::Basis basis_;
    ferret::Layout layout_;
    BenchTensor tensor_;
};

/// A benchmark of a basis family.
using Benchmark = void (*)(benchmark::State&, const ferret::Basis&);

/// Registers one run of a benchmark: its name begins with the question that the run helps answer.
inline void register_run(const std::string& question, const std::string& name, Benchmark run,
                         const ferret::Basis& basis, const BenchArguments& arguments) {
    const std::string family(ferret::basis_name(basis));
    benchmark::RegisterBenchmark((question + "/" + name + "/basis:" + family).c_str(), run, basis)
        ->ArgNames(BenchArguments::names())
        ->Args(arguments.values())
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

/// The paper's family and the fastest, where not all are measured.
inline const ferret::Basis usual_bases[]{ferret::TruncatedNormal<16>{}, ferret::SparseSign{}};

/// Registers a benchmark once for every question it answers.
inline void register_questions(const std::string& name, Benchmark run) {
    for (const ferret::Basis& basis : ferret::all_bases) {
        const auto add = [&](const std::string& question, const BenchArguments& arguments) {
            register_run(question, name, run, basis, arguments);
        };
        const bool sparse = ferret::is_sparse(basis);
        add("kernels", {});
        for (const std::int64_t bases : {16, 64, 256, 1024, 4096, 16384})
            add("by_K", {.log2_size = 20, .bases = bases});
        for (const std::int64_t log2_size : {16, 20, 24, 28}) add("by_d", {.log2_size = log2_size});
        if (sparse)
            for (std::int64_t bases = 64; bases <= 1 << 20; bases *= 4)
                add("sparse", {.log2_size = 28, .bases = bases});
        for (const std::int64_t threads : {1, 2})
            add("threads", {.log2_size = sparse ? 28 : 22, .threads = threads});
        add("portable",
            {.instruction_set = static_cast<std::int64_t>(ferret::InstructionSet::portable)});
        for (const auto& [set_name, set] : ferret::instruction_set_names)
            if (ferret::is_supported(set))
                add("set", {.log2_size = 20, .instruction_set = static_cast<std::int64_t>(set)});
    }
    for (const ferret::Basis& basis : usual_bases)
        for (const ferret::DType dtype : {ferret::DType::float32, ferret::DType::bfloat16,
                                          ferret::DType::float16, ferret::DType::float64})
            register_run("dtype", name, run, basis,
                         {.log2_size = 24, .dtype = static_cast<std::int64_t>(dtype)});
}
