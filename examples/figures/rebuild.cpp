#include "rebuild.hpp"

#include <chrono>

namespace figures {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

Rebuilt rebuild(const std::vector<double>& update, const ferret::Basis& basis, std::uint64_t bases,
                std::size_t blocks, const ferret::Seed& seed) {
    const auto layout =
        ferret::Layout::uniform({update.size()}, (update.size() + blocks - 1) / blocks);
    const ferret::Cpu cpu{.threads = 1};
    const ferret::Projector project{layout, basis, ferret::Uniform{bases}, cpu};
    const ferret::Reconstructor reconstruct{layout, basis, cpu};

    const std::vector<float> delta(update.begin(), update.end());
    std::vector<float> model(update.size(), 0.0f);
    Rebuilt result;
    const auto begin = std::chrono::steady_clock::now();
    const ferret::Sketch sketch = project(delta, seed);
    result.projection_seconds = seconds_since(begin);
    const auto projected = std::chrono::steady_clock::now();
    reconstruct(sketch, model, 1.0f);
    result.reconstruction_seconds = seconds_since(projected);
    result.update.assign(model.begin(), model.end());
    return result;
}

}  // namespace figures
