#pragma once

#include <cstdint>
#include <string>

/// What needs a GPU: gpu.cpp where LibTorch and ferret have CUDA. Elsewhere no_gpu.cpp, and all of it
/// throws std::runtime_error.
namespace fed_round {

/// The GPU's name.
/// Throws: std::runtime_error if there is none
std::string gpu_name();

/// The most memory in use at once since the last reset, in bytes: LibTorch's, ferret's scratch
/// included; not the driver's own, nor what the allocator holds without use.
std::int64_t peak_gpu_memory();
void reset_peak_gpu_memory();

/// Gives back what LibTorch's allocator holds without use, so that another round starts afresh.
void release_unused_gpu_memory();

}  // namespace fed_round
