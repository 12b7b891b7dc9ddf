#include <stdexcept>

#include "gpu.hpp"

namespace fed_round {
namespace {

[[noreturn]] void refuse() {
    throw std::runtime_error(
        "device: expected cpu, got cuda; this program was built without CUDA, for want of nvcc or "
        "of "
        "a LibTorch that has it");
}

}  // namespace

std::string gpu_name() {
    refuse();
}

std::int64_t peak_gpu_memory() {
    refuse();
}

void reset_peak_gpu_memory() {
    refuse();
}

void release_unused_gpu_memory() {
    refuse();
}

}  // namespace fed_round
