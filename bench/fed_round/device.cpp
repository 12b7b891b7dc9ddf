#include "device.hpp"

#include <fstream>

#include "gpu.hpp"

namespace fed_round {

std::string device_name(const torch::Device& device) {
    if (device.is_cuda()) return gpu_name();
    return "CPU, LibTorch with " + std::to_string(torch::get_num_threads()) + " thread(s)";
}

void synchronize(const torch::Device& device) {
    if (device.is_cuda()) torch::cuda::synchronize();
}

std::optional<std::int64_t> peak_memory(const torch::Device& device) {
    if (device.is_cuda()) return peak_gpu_memory();
    std::ifstream status("/proc/self/status");
    for (std::string name; status >> name;) {
        std::int64_t kibibytes = 0;
        if (name == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
    }
    return std::nullopt;
}

void reset_peak_memory(const torch::Device& device) {
    if (device.is_cuda()) {
        release_unused_gpu_memory();
        reset_peak_gpu_memory();
    } else {
        std::ofstream("/proc/self/clear_refs") << 5;  // Linux: the peak is what is resident now
    }
}

}  // namespace fed_round
