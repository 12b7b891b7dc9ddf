#pragma once

#include <benchmark/benchmark.h>
#include <thrust/device_vector.h>
#include <thrust/tabulate.h>

#include <cstddef>
#include <cstdint>
#include <ferret/backend/cuda.cuh>
#include <string>
#include <vector>

#include "stream_timer.cuh"

/// What one benchmark run measures; the order of its fields is that of the benchmark's arguments.
struct CudaBenchArguments {
    std::int64_t log2_size = 28;  ///< d = 2^log2_size, one block
    std::int64_t bases = 64;      ///< K
    std::int64_t dtype = 0;       ///< ferret::DType
    std::int64_t clients = 1;     ///< sketches that are rebuilt in one pass

    static std::vector<std::string> names() { return {"log2_d", "K", "dtype", "clients"}; }
    std::vector<std::int64_t> values() const { return {log2_size, bases, dtype, clients}; }
};

/// A value of the benchmarks' tensors, the same that the CPU's have.
template <class T>
struct BenchValue {
    __host__ __device__ T operator()(std::size_t i) const {
        return static_cast<T>(static_cast<float>(i % 2003) / 2003.0f - 0.5f);
    }
};

/// One tensor in device memory of the size and storage type that a benchmark run asks for, and the
/// stream that works on it.
class CudaBenchModel {
public:
    CudaBenchModel(const benchmark::State& state, const ferret::Basis& basis)
        : size_(std::size_t{1} << state.range(0)),
          bases_(static_cast<std::uint64_t>(state.range(1))),
          basis_(basis),
          dtype_(static_cast<ferret::DType>(state.range(2))),
          clients_(static_cast<std::size_t>(state.range(3))),
          layout_(ferret::Layout::per_tensor({size_})) {}

    ferret::Projector<ferret::Cuda> projector() const {
        return {layout_, basis_, ferret::Uniform{bases_}, backend()};
    }

    /// Queues a projection whose coordinates stay in device memory.
    template <class T>
    ferret::cuda::Coordinates project_on_device(const thrust::device_vector<T>& delta,
                                                const ferret::Seed& seed) const {
        const ferret::Shard whole = ferret::Shard::all(layout_);
        const std::vector<std::uint32_t> bases{static_cast<std::uint32_t>(bases_)};
        const ferret::cuda::Update update(backend(), layout_, whole, ferret::views_of(delta),
                                          std::nullopt);
        return {backend(),
                layout_,
                basis_,
                update,
                ferret::basis_key(seed, static_cast<std::uint32_t>(ferret::basis_id(basis_))),
                bases};
    }

    ferret::Reconstructor<ferret::Cuda> reconstructor() const {
        return {layout_, basis_, backend()};
    }

    /// Calls visit with the tensor as a device vector of its storage type.
    template <class Visit>
    void visit(const Visit& visit) const {
        ferret::visit_dtype(dtype_, [&]<class T>(T*) {
            thrust::device_vector<T> values(size_);
            thrust::tabulate(values.begin(), values.end(), BenchValue<T>{});
            visit(values);
        });
    }

    const StreamTimer& timer() const { return timer_; }
    std::size_t clients() const { return clients_; }

    /// Names what ran, and counts the model's floats, the bytes of the models that are read and
    /// written, and the K d basis elements of a dense family per second.
    /// models_moved: times that every value has to come from or go to memory at least
    void report(benchmark::State& state, double models_moved) const {
        const auto elements = static_cast<double>(size_);
        state.SetLabel(std::string(ferret::basis_name(basis_)));
        if (!ferret::is_sparse(basis_))
            count_rate(state, "basis_elements",
                       elements * static_cast<double>(bases_) * static_cast<double>(clients_));
        count_rate(state, "values", elements);
        count_rate(state, "bytes",
                   models_moved * elements * static_cast<double>(ferret::size_of(dtype_)));
    }

private:
    ferret::Cuda backend() const { return {.stream = timer_.stream()}; }

    std::size_t size_;
    std::uint64_t bases_;
    ferret::Basis basis_;
    ferret::DType dtype_;
    std::size_t clients_;
    ferret::Layout layout_;
    StreamTimer timer_;
};

/// A benchmark of a basis family.
using CudaBenchmark = void (*)(benchmark::State&, const ferret::Basis&);

/// Registers one run of a benchmark: its name begins with the question that the run helps answer.
inline void register_run(const std::string& question, const std::string& name, CudaBenchmark run,
                         const ferret::Basis& basis, const CudaBenchArguments& arguments) {
    register_on_gpu(question + "/" + name + "/basis:" + std::string(ferret::basis_name(basis)),
                    [run, basis](benchmark::State& state) { run(state, basis); })
        ->ArgNames(CudaBenchArguments::names())
        ->Args(arguments.values());
}

/// The K for which sparse families are measured.
inline constexpr std::int64_t sparse_bases[]{64, 256, 1024, 4096, 16384, 65536, 262144, 1048576};

/// The paper's family and the fastest, where not all are measured.
inline const ferret::Basis usual_bases[]{ferret::TruncatedNormal<16>{}, ferret::SparseSign{}};

/// Registers a benchmark of the sparse families.
inline void register_sparse(const std::string& name, CudaBenchmark run) {
    for (const ferret::Basis& basis : ferret::all_bases)
        if (ferret::is_sparse(basis))
            for (const std::int64_t bases : sparse_bases)
                register_run("sparse", name, run, basis, {.bases = bases});
}

/// Registers a benchmark once for every question it answers.
inline void register_cuda_questions(const std::string& name, CudaBenchmark run) {
    for (const ferret::Basis& basis : ferret::all_bases) {
        register_run("kernels", name, run, basis, {});
        for (const std::int64_t bases : {16, 64, 256, 1024, 4096, 16384})
            register_run("by_K", name, run, basis, {.log2_size = 24, .bases = bases});
        for (const std::int64_t log2_size : {16, 20, 24, 28})
            register_run("by_d", name, run, basis, {.log2_size = log2_size});
    }
    register_sparse(name, run);
    for (const ferret::Basis& basis : usual_bases)
        for (const ferret::DType dtype : {ferret::DType::float32, ferret::DType::bfloat16,
                                          ferret::DType::float16, ferret::DType::float64})
            register_run("dtype", name, run, basis, {.dtype = static_cast<std::int64_t>(dtype)});
}

/// The rest of main: runs what is registered and chosen on the command line.
inline int run_cuda_benchmarks(int count, char** arguments) {
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
