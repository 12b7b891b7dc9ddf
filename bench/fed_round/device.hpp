#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <string>

#include "federated/round/stopwatch.hpp"

/// The same questions to the CPU and to a GPU.
namespace fed_round {

/// "CPU, LibTorch with 2 thread(s)", or the GPU's name.
/// Throws: std::runtime_error for a GPU that is not there or not built for
std::string device_name(const torch::Device& device);

/// Waits until everything queued on the device is done.
void synchronize(const torch::Device& device);

/// Seconds from an idle device to one that has done all that `run` asked for.
template <class Run>
double seconds_of(const torch::Device& device, const Run& run) {
    synchronize(device);
    const federated::Stopwatch watch;
    run();
    synchronize(device);
    return watch.read();
}

/// Bytes in use at once at most since the last reset: a GPU's as peak_gpu_memory says, the process's
/// resident memory on the CPU; nothing where the system does not tell.
std::optional<std::int64_t> peak_memory(const torch::Device& device);
void reset_peak_memory(const torch::Device& device);

}  // namespace fed_round
