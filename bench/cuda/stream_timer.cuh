#pragma once

#include <benchmark/benchmark.h>
#include <cuda_runtime.h>

#include <exception>
#include <ferret/backend/cuda/memory.cuh>
#include <string>

/// A stream whose work is timed by the GPU's own clock.
class StreamTimer {
public:
    StreamTimer() {
        ferret::cuda::check(cudaStreamCreate(&stream_), "stream");
        ferret::cuda::check(cudaEventCreate(&start_), "event");
        ferret::cuda::check(cudaEventCreate(&stop_), "event");
    }
    StreamTimer(const StreamTimer&) = delete;
    StreamTimer& operator=(const StreamTimer&) = delete;
    ~StreamTimer() {
        static_cast<void>(cudaEventDestroy(stop_));
        static_cast<void>(cudaEventDestroy(start_));
        static_cast<void>(cudaStreamDestroy(stream_));
    }

    cudaStream_t stream() const { return stream_; }

    /// Calls run once to warm up, then for every iteration of the benchmark. An iteration's time
    /// goes from the start of the call on the stream to the end of what it queued there, with all
    /// gaps in which the GPU waits for the host.
    /// Throws: ferret::DeviceError
    template <class Run>
    void measure(benchmark::State& state, const Run& run) const {
        run();
        ferret::cuda::check(cudaStreamSynchronize(stream_), "warm-up");
        for (auto _ : state) {
            ferret::cuda::check(cudaEventRecord(start_, stream_), "event");
            run();
            ferret::cuda::check(cudaEventRecord(stop_, stream_), "event");
            ferret::cuda::check(cudaEventSynchronize(stop_), "benchmark");
            float milliseconds = 0.0f;
            ferret::cuda::check(cudaEventElapsedTime(&milliseconds, start_, stop_), "event");
            state.SetIterationTime(1e-3 * static_cast<double>(milliseconds));
        }
    }

private:
    cudaStream_t stream_ = nullptr;
    cudaEvent_t start_ = nullptr;
    cudaEvent_t stop_ = nullptr;
};

/// Registers a benchmark that uses StreamTimer. What it throws, memory that the GPU does not have
/// for one, ends that benchmark only.
template <class Run>
auto register_on_gpu(const std::string& name, Run run) {
    return benchmark::RegisterBenchmark(name.c_str(),
                                        [run](benchmark::State& state) {
                                            try {
                                                run(state);
                                            } catch (const std::exception& error) {
                                                state.SkipWithError(error.what());
                                            }
                                        })
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime();
}

/// Sets a counter of something done in every iteration, per second.
inline void count_rate(benchmark::State& state, const char* name, double per_iteration) {
    state.counters[name] = benchmark::Counter(
        static_cast<double>(state.iterations()) * per_iteration, benchmark::Counter::kIsRate);
}
